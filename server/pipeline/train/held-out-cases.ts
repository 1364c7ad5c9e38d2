/** What the predictor would have said of held-out items: neighbours without them, a learned model that never saw them. */
import type { AttributeInput } from '../../domain/encoder/block'
import { encodeRecord, knownShare, toldBlocks } from '../../domain/encoder/encoder'
import { sequenceSimilarity } from '../../domain/evaluation/sequence-metrics'
import { gatherNeighbours, gatherRoutings } from '../../domain/evidence'
import type { Habit } from '../../domain/habit'
import { exponentGrid, type HeldOutCase, type Protocol } from '../../domain/held-out'
import { signatureOperations } from '../../domain/knowledge'
import { type Proposal, rankSequences } from '../../domain/ranking'
import { encodeSequenceRecord, untoldAttributes } from '../../domain/sequence-features'
import type { TimeTrial } from '../../domain/time-method'
import { UNSEEN_VALUE } from '../../domain/unseen-value'
import type { SequenceModel } from '../../engine/sequence-model'
import type { Model } from '../model'
import { type Found, type SearchQuery, searchVectors } from '../search'
import { type TimeRehearsal, timeTrials } from './time-trials'

/** The parts of a snapshot that exist before anything is chosen. */
export type Draft = Pick<Model, 'knowledge' | 'encoder' | 'index' | 'profiles' | 'usualResources' | 'sequenceFeatures' | 'learned'>

/** Vectors that a prediction looks at by default. */
const NEIGHBOURS = 11
const PROPOSALS = 10
/** Where nothing but held-out items is near, the search is widened up to this many vectors. */
const NEIGHBOURS_MAX = 1_000

export interface HeldOutQuestion {
  item: number
  protocol: Protocol
  /** All items held out together; none of them is a neighbour. */
  out: ReadonlySet<number>
  /** Attributes that the question leaves out. */
  blanked: ReadonlySet<string>
  /** Attribute with a value that nobody has seen. */
  unseen?: string
}

/** One held-out item under every exponent, and its times beside their estimates. */
export function heldOutCase(
  draft: Draft,
  sequence: SequenceModel,
  habits: Habit[],
  times: TimeRehearsal,
  { item, protocol, out, blanked, unseen }: HeldOutQuestion,
): { case: HeldOutCase; trials: TimeTrial[] } {
  const { knowledge } = draft
  const values = new Map<string, AttributeInput>(
    knowledge.items.features.map(({ name, value }) => [name, name === unseen ? UNSEEN_VALUE : blanked.has(name) ? null : value(item)]),
  )
  const found = searchBeyond(draft, { vector: encodeRecord(draft.encoder, values), values }, out)
  const record = encodeSequenceRecord(draft.sequenceFeatures, values)
  const predicted = sequence.predict(record, { candidates: PROPOSALS, beam: PROPOSALS })
  const told = toldBlocks(draft.encoder, values, untoldAttributes(draft.sequenceFeatures, record, values))
  const proposals: Proposal[] = predicted.operations.map((operations, index) => ({
    operations,
    probability: predicted.probabilities[index],
  }))
  const rankings = exponentGrid.map((exponent) => {
    const neighbours = gatherNeighbours(knowledge, found.vectors, found.similarities, exponent, out)
    const evidence = gatherRoutings(knowledge, neighbours)
    // any share above 0 makes the habits candidates; the choice mixes anew
    return { neighbours, evidence, ranked: rankSequences(knowledge, evidence, proposals, { modelShare: 0.5, habitShare: 0.05, habits }) }
  })
  const sequences = rankings[0].ranked.map(({ operations }) => operations)
  const keys = sequences.map((operations) => operations.join())
  const accepted = acceptedKeys(draft, item)
  const middle = rankings[exponentGrid.indexOf(8)]
  return {
    case: {
      protocol,
      item,
      sequences,
      nearest: middle.neighbours[0]?.similarity ?? 0,
      known: knownShare(draft.encoder, told),
      told,
      votes: rankings.map(({ ranked }) => {
        const votes = new Map(ranked.map(({ operations, vote }) => [operations.join(), vote]))
        return keys.map((key) => votes.get(key) ?? 0)
      }),
      model: rankings[0].ranked.map(({ model }) => model),
      habit: rankings[0].ranked.map(({ habit }) => habit),
      accepted: keys.map((key) => accepted.has(key)),
      likeness: sequences.map((sequence) => likeness(knowledge, sequence, item)),
    },
    trials: protocol === 'blanked' || protocol === 'unseen' ? [] : timeTrials(draft, times, { item, protocol }, middle),
  }
}

/** The nearest vectors that stand for at least one item outside of `out`. */
function searchBeyond(draft: Draft, query: SearchQuery, out: ReadonlySet<number>): Found {
  const { offsets, items } = draft.knowledge.vectors
  const isUsable = (at: number): boolean => {
    for (let row = offsets[at]; row < offsets[at + 1]; row++) if (!out.has(items[row])) return true
    return false
  }
  for (let k = NEIGHBOURS; ; k *= 4) {
    const asked = Math.min(k, NEIGHBOURS_MAX)
    const found = searchVectors(draft, query, { k: asked, ef: Math.max(96, asked), factors: null })
    const kept = Array.from(found.vectors, (_, at) => at)
      .filter((at) => isUsable(found.vectors[at]))
      .slice(0, NEIGHBOURS)
    const isAll = found.vectors.length < asked || asked >= NEIGHBOURS_MAX
    // the item's own vector is one of those that a plain question finds
    if (kept.length < NEIGHBOURS - 1 && !isAll) continue
    return {
      vectors: Uint32Array.from(kept, (at) => found.vectors[at]),
      similarities: Float64Array.from(kept, (at) => found.similarities[at]),
      shares: new Float64Array(0),
      path: found.path,
    }
  }
}

/** Sequence similarity to the item's nearest accepted routing, 0 to 1. */
function likeness(knowledge: Draft['knowledge'], sequence: Uint32Array, item: number): number {
  let best = 0
  for (let routing = knowledge.items.routingOffsets[item]; routing < knowledge.items.routingOffsets[item + 1]; routing++) {
    best = Math.max(best, sequenceSimilarity(sequence, signatureOperations(knowledge, knowledge.routings.signature[routing])))
  }
  return best
}

function acceptedKeys({ knowledge }: Draft, item: number): Set<string> {
  const keys = new Set<string>()
  for (let routing = knowledge.items.routingOffsets[item]; routing < knowledge.items.routingOffsets[item + 1]; routing++) {
    keys.add(signatureOperations(knowledge, knowledge.routings.signature[routing]).join())
  }
  return keys
}
