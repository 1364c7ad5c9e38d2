/**
 * Evidence by operation: what the steps of the neighbours' routings say about the n-th occurrence of an operation.
 * Steps are aligned by operation and occurrence, never by sequence number. Candidates share most of their steps: what was worked
 * out for one is kept for the others.
 */
import { limits } from '../contract/limits'
import type { EvidenceRouting } from './evidence'
import { type Knowledge, MISSING_CODE } from './knowledge'

export interface StepWitness {
  step: number
  weight: number
  item: number
}

/** How often the plant ran an operation on each resource, most often first. CSR by operation code. */
export interface OperationResources {
  offsets: Uint32Array
  resources: Uint32Array
  counts: Uint32Array
}

export interface ResourceShare {
  resource: number
  support: number
}

/** What is said of one occurrence of an operation. */
export interface OperationEvidence {
  witnesses: StepWitness[]
  /** Weight of the witnesses together, at most 1. */
  support: number
  /** Items of the first witnesses, each once; at most `limits.stepSourcesMax`. */
  sources: number[]
  /** Evidence first; resources that only the plant's habit knows follow with support 0. */
  shares: ResourceShare[]
  /** The witnesses on a resource: the same list whenever it is asked for. */
  on(resource: number): StepWitness[]
}

/** Look-up by operation code and occurrence (0 for the first). */
export interface StepEvidence {
  of(operation: number, occurrence: number): OperationEvidence
}

export function indexSteps(knowledge: Knowledge, evidence: EvidenceRouting[], usual: OperationResources): StepEvidence {
  const byOperation = witnessesByOperation(knowledge, evidence)
  const known = new Map<number, OperationEvidence[]>()
  return {
    of: (operation, occurrence) => {
      const occurrences = byOperation.get(operation) ?? unseen
      const at = Math.min(occurrence, occurrences.length - 1)
      const said = known.get(operation) ?? []
      if (said.length === 0) known.set(operation, said)
      said[at] ??= operationEvidence(knowledge, occurrences[at], usual, operation)
      return said[at]
    },
  }
}

const unseen: StepWitness[][] = [[]]

/** Operation → occurrence → witnesses. */
function witnessesByOperation(knowledge: Knowledge, evidence: EvidenceRouting[]): Map<number, StepWitness[][]> {
  const { stepOffsets } = knowledge.routings
  const { operation } = knowledge.steps
  const byOperation = new Map<number, StepWitness[][]>()
  const seen = new Map<number, number>()
  for (const { routing, weight, neighbour } of evidence) {
    seen.clear()
    for (let step = stepOffsets[routing]; step < stepOffsets[routing + 1]; step++) {
      const code = operation[step]
      const occurrence = seen.get(code) ?? 0
      seen.set(code, occurrence + 1)
      const occurrences = byOperation.get(code) ?? []
      if (occurrences.length === 0) byOperation.set(code, occurrences)
      const witnesses = occurrences[occurrence] ?? []
      if (witnesses.length === 0) occurrences[occurrence] = witnesses
      witnesses.push({ step, weight, item: neighbour.item })
    }
  }
  return byOperation
}

function operationEvidence(
  knowledge: Knowledge,
  witnesses: StepWitness[],
  usual: OperationResources,
  operation: number,
): OperationEvidence {
  const { resource: resources } = knowledge.steps
  const byResource = new Map<number, StepWitness[]>()
  return {
    witnesses,
    support: Math.min(
      1,
      witnesses.reduce((sum, { weight }) => sum + weight, 0),
    ),
    sources: sourcesOf(witnesses),
    shares: resourceShares(knowledge, witnesses, usual, operation),
    on: (resource) => {
      const known = byResource.get(resource) ?? witnesses.filter(({ step }) => resources[step] === resource)
      byResource.set(resource, known)
      return known
    },
  }
}

function resourceShares(knowledge: Knowledge, witnesses: StepWitness[], usual: OperationResources, operation: number): ResourceShare[] {
  const weights = new Map<number, number>()
  let total = 0
  for (const { step, weight } of witnesses) {
    const resource = knowledge.steps.resource[step]
    if (resource === MISSING_CODE) continue
    weights.set(resource, (weights.get(resource) ?? 0) + weight)
    total += weight
  }
  const habit = new Map<number, number>()
  for (let at = usual.offsets[operation]; at < usual.offsets[operation + 1]; at++) {
    habit.set(usual.resources[at], usual.counts[at])
    if (weights.size < limits.stepAlternativesMax + 1 && !weights.has(usual.resources[at])) weights.set(usual.resources[at], 0)
  }
  return [...weights]
    .map(([resource, weight]) => ({ resource, support: total > 0 ? weight / total : 0 }))
    .sort((a, b) => b.support - a.support || (habit.get(b.resource) ?? 0) - (habit.get(a.resource) ?? 0) || a.resource - b.resource)
}

function sourcesOf(witnesses: StepWitness[]): number[] {
  const items: number[] = []
  for (const { item } of witnesses) {
    if (items.includes(item)) continue
    items.push(item)
    if (items.length === limits.stepSourcesMax) break
  }
  return items
}
