/** Times of an operation, on one resource or on all, from the version's profiles. */

import type { TimeSummary, TimeSummaryRequest } from '../contract/time'
import type { TimeEstimate } from '../contract/time-estimate'
import { DomainError } from '../domain/error'
import { defaultSettings } from '../domain/settings'
import { estimateTime, timeKinds } from '../domain/time-estimate'
import { findProfile } from '../domain/time-profiles'
import { planTimes } from '../domain/time-strategy'
import type { Model } from './model'

/** @throws not_found when the version knows no such operation or resource, invalid_value for a strategy that leaves nothing */
export function timeSummary(
  model: Model,
  { operation, resource, timeStrategy }: TimeSummaryRequest,
  { settings = defaultSettings } = {},
): TimeSummary {
  const { operations, resources } = model.knowledge
  const code = codeOf(operations.code, operation, '/operation')
  const plan = planTimes({ ...settings.timeStrategy, ...timeStrategy })
  const profiles = model.strategyProfiles.of(plan)
  const resourceCode = resource === undefined ? 0 : codeOf(resources.code, resource, '/resource')
  const estimate = (kind: (typeof timeKinds)[number]): TimeEstimate | null => {
    const found = findProfile(profiles, timeKinds.indexOf(kind), code, resourceCode)
    return found === null ? null : estimateTime(found, { basis: kind.startsWith('actual') ? 'actual' : 'standard', plan })
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
    configRev: settings.configRev,
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
