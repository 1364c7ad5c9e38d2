/**
 * Evidence by operation: which steps of the neighbours' routings speak about the n-th occurrence of an operation.
 * Steps are aligned by operation and occurrence, never by sequence number.
 */
import type { EvidenceRouting } from './evidence'
import type { Knowledge } from './knowledge'

export interface StepWitness {
  step: number
  weight: number
  item: number
}

/** Look-up of witnesses by operation code and occurrence (0 for the first). */
export interface StepEvidence {
  of(operation: number, occurrence: number): StepWitness[]
}

export function indexSteps(knowledge: Knowledge, evidence: EvidenceRouting[]): StepEvidence {
  const { stepOffsets } = knowledge.routings
  const { operation } = knowledge.steps
  /** operation → occurrence → witnesses */
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
  return {
    of: (code, occurrence) => {
      const occurrences = byOperation.get(code)
      if (occurrences === undefined) return []
      return occurrences[Math.min(occurrence, occurrences.length - 1)]
    },
  }
}
