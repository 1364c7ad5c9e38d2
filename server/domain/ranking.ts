/** Ranks whole routings: the neighbours' vote and the learned model's proposals become one list of signatures. */
import type { Learned } from '../contract/learned'
import type { EvidenceRouting } from './evidence'
import type { Habit } from './habit'
import { type Knowledge, signatureOperations } from './knowledge'
import { sequenceKey } from './signature'

/** A sequence of operations that might be the routing. */
export interface Ranked {
  operations: Uint32Array
  /** (1 − η) · (λ · model + (1 − λ) · vote) + η · habit, 0 to 1. */
  probability: number
  /** Share of the evidence's weight that has exactly this sequence. */
  vote: number
  /** Probability by the learned model; 0 when the model did not propose it. */
  model: number
  /** Share of the usual routings with this sequence, where it is one of the most frequent; else 0. */
  habit: number
  /** The evidence routings with this sequence, nearest first. */
  evidence: EvidenceRouting[]
}

export interface Proposal {
  operations: Uint32Array
  probability: number
}

/** Without neighbours the model decides, without proposals the neighbours. */
export const usableShare = (modelShare: number, hasModel: boolean, hasVotes: boolean): number =>
  hasModel ? (hasVotes ? modelShare : 1) : 0

/** How much the model and the habits say, given how near the nearest item is. */
export function sharesAt(
  { modelShare, habitShare = 0, far }: Pick<Learned, 'modelShare' | 'habitShare' | 'far'>,
  nearest: number,
): { modelShare: number; habitShare: number } {
  return far !== undefined && nearest < far.below
    ? { modelShare: far.modelShare, habitShare: far.habitShare ?? habitShare }
    : { modelShare, habitShare }
}

interface Mix {
  /** λ, 0 (neighbours only) to 1 (model only), chosen at training on held-out items. */
  modelShare: number
  /** η, and the routings that have it. */
  habitShare: number
  habits: Habit[]
}

/**
 * @param mix how the voters are weighed
 * @returns best first; ties by more evidence, then by the shorter, then by the smaller operation codes
 */
export function rankSequences(
  knowledge: Knowledge,
  evidence: EvidenceRouting[],
  proposals: Proposal[],
  { modelShare, habitShare, habits }: Mix,
): Ranked[] {
  const byKey = new Map<string, Ranked>()
  const bySignature = new Map<number, Ranked>()
  for (const entry of evidence) {
    const signature = knowledge.routings.signature[entry.routing]
    let ranked = bySignature.get(signature)
    if (ranked === undefined) {
      const operations = signatureOperations(knowledge, signature)
      ranked = { operations, probability: 0, vote: 0, model: 0, habit: 0, evidence: [] }
      bySignature.set(signature, ranked)
      byKey.set(sequenceKey(operations), ranked)
    }
    ranked.vote += entry.weight
    ranked.evidence.push(entry)
  }
  for (const { operations, probability } of proposals) {
    const key = sequenceKey(operations)
    const ranked = byKey.get(key) ?? { operations, probability: 0, vote: 0, model: 0, habit: 0, evidence: [] }
    ranked.model += probability
    byKey.set(key, ranked)
  }
  if (habitShare > 0) {
    for (const { signature, share } of habits) {
      const operations = signatureOperations(knowledge, signature)
      const key = sequenceKey(operations)
      const ranked = byKey.get(key) ?? { operations, probability: 0, vote: 0, model: 0, habit: 0, evidence: [] }
      ranked.habit = share
      byKey.set(key, ranked)
    }
  }
  const share = usableShare(modelShare, proposals.length > 0, evidence.length > 0)
  const all = [...byKey.values()]
  for (const ranked of all) {
    ranked.probability = (1 - habitShare) * (share * ranked.model + (1 - share) * ranked.vote) + habitShare * ranked.habit
  }
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
