/** What the predictor would have said of held-out items: neighbours without the item itself, a learned model that never saw it. */
import type { AttributeInput } from '../../domain/encoder/block'
import { encodeRecord } from '../../domain/encoder/encoder'
import { gatherNeighbours, gatherRoutings } from '../../domain/evidence'
import { exponentGrid, type HeldOutCase, type TimeResidual } from '../../domain/held-out'
import { signatureOperations } from '../../domain/knowledge'
import { type Proposal, rankSequences } from '../../domain/ranking'
import { encodeSequenceRecord } from '../../domain/sequence-features'
import { draftSteps } from '../../domain/step-draft'
import { indexSteps } from '../../domain/step-evidence'
import { timeKinds } from '../../domain/time-estimate'
import type { SequenceModel } from '../../engine/sequence-model'
import type { Model } from '../model'
import { searchVectors } from '../search'
import { estimateSteps } from '../step-times'

/** The parts of a snapshot that exist before anything is chosen. */
export type Draft = Pick<Model, 'knowledge' | 'encoder' | 'index' | 'profiles' | 'usualResources' | 'sequenceFeatures' | 'learned'>

const NEIGHBOURS = 11
const PROPOSALS = 10

/** One held-out item under every exponent, and its times beside their estimates. */
export function heldOutCase(draft: Draft, sequence: SequenceModel, item: number): { case: HeldOutCase; residuals: TimeResidual[] } {
  const { knowledge } = draft
  const values = new Map<string, AttributeInput>(knowledge.items.features.map(({ name, value }) => [name, value(item)]))
  const found = searchVectors(draft, encodeRecord(draft.encoder, values), { k: NEIGHBOURS, ef: 96, factors: null })
  const predicted = sequence.predict(encodeSequenceRecord(draft.sequenceFeatures, values), { candidates: PROPOSALS, beam: PROPOSALS })
  const proposals: Proposal[] = predicted.operations.map((operations, index) => ({
    operations,
    probability: predicted.probabilities[index],
  }))
  const rankings = exponentGrid.map((exponent) => {
    const neighbours = gatherNeighbours(knowledge, found.vectors, found.similarities, exponent, item)
    const evidence = gatherRoutings(knowledge, neighbours)
    return { neighbours, evidence, ranked: rankSequences(knowledge, evidence, proposals, 0.5) }
  })
  const sequences = rankings[0].ranked.map(({ operations }) => operations)
  const keys = sequences.map((operations) => operations.join())
  const accepted = acceptedKeys(draft, item)
  const middle = rankings[exponentGrid.indexOf(8)]
  return {
    case: {
      nearest: middle.neighbours[0]?.similarity ?? 0,
      votes: rankings.map(({ ranked }) => {
        const votes = new Map(ranked.map(({ operations, vote }) => [operations.join(), vote]))
        return keys.map((key) => votes.get(key) ?? 0)
      }),
      model: rankings[0].ranked.map(({ model }) => model),
      accepted: keys.map((key) => accepted.has(key)),
    },
    residuals: timeResiduals(draft, item, middle.evidence),
  }
}

function acceptedKeys({ knowledge }: Draft, item: number): Set<string> {
  const keys = new Set<string>()
  for (let routing = knowledge.items.routingOffsets[item]; routing < knowledge.items.routingOffsets[item + 1]; routing++) {
    keys.add(signatureOperations(knowledge, knowledge.routings.signature[routing]).join())
  }
  return keys
}

/** The item's main routing drafted with its own operations: what would the times have been, what are they? */
function timeResiduals(draft: Draft, item: number, evidence: ReturnType<typeof gatherRoutings>): TimeResidual[] {
  const { knowledge } = draft
  const routing = knowledge.items.routingOffsets[item]
  const first = knowledge.routings.stepOffsets[routing]
  const operations = signatureOperations(knowledge, knowledge.routings.signature[routing])
  const drafts = draftSteps(knowledge, indexSteps(knowledge, evidence), draft.usualResources, operations, -1)
  const residuals: TimeResidual[] = []
  estimateSteps(draft, drafts).forEach((estimates, index) => {
    for (const kind of timeKinds) {
      const actual = knowledge.steps[kind][first + index]
      const estimate = estimates[kind]
      if (Number.isNaN(actual) || estimate === null) continue
      residuals.push({ kind, level: estimate.level, actual, p50: estimate.p50, sd: estimate.sd })
    }
  })
  return residuals
}
