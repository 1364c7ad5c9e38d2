/** Ranks whole routings: the neighbours' vote and the learned model's proposals become one list of signatures. */
import type { EvidenceRouting } from './evidence'
import { type Knowledge, signatureOperations } from './knowledge'
import { sequenceKey } from './signature'

/** A sequence of operations that might be the routing. */
export interface Ranked {
  operations: Uint32Array
  /** λ · model + (1 − λ) · vote, 0 to 1. */
  probability: number
  /** Share of the evidence's weight that has exactly this sequence. */
  vote: number
  /** Probability by the learned model; 0 when the model did not propose it. */
  model: number
  /** The evidence routings with this sequence, nearest first. */
  evidence: EvidenceRouting[]
}

export interface Proposal {
  operations: Uint32Array
  probability: number
}

/**
 * @param modelShare λ, 0 (neighbours only) to 1 (model only), chosen at training on held-out items
 * @returns best first; ties by more evidence, then by the shorter, then by the smaller operation codes
 */
export function rankSequences(knowledge: Knowledge, evidence: EvidenceRouting[], proposals: Proposal[], modelShare: number): Ranked[] {
  const byKey = new Map<string, Ranked>()
  const bySignature = new Map<number, Ranked>()
  for (const entry of evidence) {
    const signature = knowledge.routings.signature[entry.routing]
    let ranked = bySignature.get(signature)
    if (ranked === undefined) {
      const operations = signatureOperations(knowledge, signature)
      ranked = { operations, probability: 0, vote: 0, model: 0, evidence: [] }
      bySignature.set(signature, ranked)
      byKey.set(sequenceKey(operations), ranked)
    }
    ranked.vote += entry.weight
    ranked.evidence.push(entry)
  }
  for (const { operations, probability } of proposals) {
    const key = sequenceKey(operations)
    const ranked = byKey.get(key) ?? { operations, probability: 0, vote: 0, model: 0, evidence: [] }
    ranked.model += probability
    byKey.set(key, ranked)
  }
  const share = proposals.length === 0 ? 0 : evidence.length === 0 ? 1 : modelShare
  const all = [...byKey.values()]
  for (const ranked of all) ranked.probability = share * ranked.model + (1 - share) * ranked.vote
  return all.sort(
    (a, b) =>
      b.probability - a.probability ||
      b.evidence.length - a.evidence.length ||
      a.operations.length - b.operations.length ||
      compare(a.operations, b.operations),
  )
}

function compare(a: Uint32Array, b: Uint32Array): number {
  for (let index = 0; index < a.length; index++) if (a[index] !== b[index]) return a[index] - b[index]
  return 0
}
