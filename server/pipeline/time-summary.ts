/** Times of an operation, on one resource or on all, from the version's profiles. */
import type { TimeEstimate } from '../contract/predict'
import type { TimeSummary, TimeSummaryRequest } from '../contract/time'
import { DomainError } from '../domain/error'
import { estimateTime, timeKinds } from '../domain/time-estimate'
import { findProfile } from '../domain/time-profiles'
import type { Model } from './model'

/** @throws not_found when the version knows no such operation or resource */
export function timeSummary(model: Model, { operation, resource }: TimeSummaryRequest): TimeSummary {
  const { operations, resources } = model.knowledge
  const code = codeOf(operations.code, operation, '/operation')
  const resourceCode = resource === undefined ? 0 : codeOf(resources.code, resource, '/resource')
  const estimate = (kind: (typeof timeKinds)[number]): TimeEstimate | null => {
    const found = findProfile(model.profiles, timeKinds.indexOf(kind), code, resourceCode)
    return found === null ? null : estimateTime(found.statistics, found.level, kind.startsWith('actual') ? 'actual' : 'standard', null)
  }
  const { offsets, resources: usual, counts } = model.usualResources
  return {
    operation: operations.code[code],
    operationName: operations.name[code] || null,
    resource: resource === undefined ? null : resources.code[resourceCode],
    setupMinutes: estimate('setup'),
    runMinutes: estimate('run'),
    queueMinutes: estimate('queue'),
    waitMinutes: estimate('wait'),
    moveMinutes: estimate('move'),
    resources: Array.from(usual.subarray(offsets[code], Math.min(offsets[code + 1], offsets[code] + 50)), (row, index) => ({
      resource: resources.code[row],
      resourceName: resources.name[row] || null,
      steps: counts[offsets[code] + index],
    })),
    version: model.version,
  }
}

function codeOf(codes: string[], wanted: string, path: string): number {
  const code = codes.indexOf(wanted.trim(), 1)
  if (code < 0)
    throw new DomainError('not_found', 'the active version does not know this operation or resource', {
      details: [{ path, message: 'unknown' }],
    })
  return code
}
