/** Further candidates, from the groups that the neighbours belong to: what is often made there and was not proposed yet. */
import type { Candidate, PredictRequest } from '../contract/predict'
import type { EvidenceRouting } from '../domain/evidence'
import { type GroupProposal, proposeFromGroups } from '../domain/group'
import { signatureOperations } from '../domain/knowledge'
import type { Ranked } from '../domain/ranking'
import { sequenceKey } from '../domain/signature'
import { type DraftStep, draftSteps } from '../domain/step-draft'
import type { StepEvidence } from '../domain/step-evidence'
import { showCandidate, showSteps } from './candidate-view'
import { similaritiesOfItems, tallyGroups } from './groups'
import type { Model } from './model'
import type { Neighbourhood } from './neighbourhood'
import type { Query } from './query'
import type { RankedRoutings } from './rank'
import { weightFactors } from './search'
import type { StepTimes } from './step-times'

/** The heaviest groups of both kinds together: further ones say too little for a routing to come up. */
const GROUPS = 20

interface Expansion {
  request: Pick<PredictRequest, 'groupExpansion' | 'weights'>
  /** Operations of the candidates that there are already. */
  taken: Uint32Array[]
  /** What the neighbours say. */
  stepEvidence: StepEvidence
}

/** A further candidate, its times not estimated yet. */
export interface GroupDraft extends Entry {
  /** Its place among the ranked routings. */
  known: Ranked
  drafts: DraftStep[]
}

/** Up to `groupExpansion` candidates, best first, each with the identity of a past routing. */
export function draftGroups(
  model: Model,
  query: Query,
  neighbourhood: Neighbourhood,
  { evidence, ranked }: RankedRoutings,
  { request, taken, stepEvidence }: Expansion,
): GroupDraft[] {
  const count = request.groupExpansion ?? 0
  if (count === 0 || neighbourhood.neighbours.length === 0) return []
  const ranks = new Map(ranked.map((entry) => [sequenceKey(entry.operations), entry]))
  return findEntries(model, query, neighbourhood, evidence, { count, taken, weights: request.weights }).map((entry) => {
    // a neighbour's own routing is nearer than the group's most frequent one
    const known = ranks.get(sequenceKey(entry.operations)) ?? unproposed
    const source = known.evidence[0] ?? entry.source
    const drafts = draftSteps(model.knowledge, stepEvidence, entry.operations, source.routing).map((draft, at) =>
      withSource(model, draft, source, at),
    )
    return { ...entry, known, source, drafts }
  })
}

/** @param times of the drafts, in their order */
export function showGroupCandidates(model: Model, groups: GroupDraft[], times: StepTimes[][], lot = 1): Candidate[] {
  return groups.map(({ operations, source, estimate, known, drafts }, index) => {
    const entry: Ranked = { ...known, operations, probability: estimate }
    const steps = showSteps(model, drafts, times[index])
    return showCandidate(model, { entry, steps, ownRow: -1, index, proposed: undefined, group: source, lot })
  })
}

interface Entry {
  operations: Uint32Array
  source: EvidenceRouting
  estimate: number
}

function findEntries(
  model: Model,
  query: Query,
  neighbourhood: Neighbourhood,
  evidence: EvidenceRouting[],
  { count, taken, weights }: { count: number; taken: Uint32Array[]; weights: PredictRequest['weights'] },
): Entry[] {
  const { knowledge } = model
  const used = new Set(taken.map(sequenceKey))
  const proposals: (GroupProposal & { operations: Uint32Array })[] = []
  for (const proposal of proposeFromGroups(tallyGroups(model, neighbourhood, evidence, query, GROUPS))) {
    if (proposals.length === count) break
    const operations = signatureOperations(knowledge, proposal.signature)
    if (operations.length > 0 && !used.has(sequenceKey(operations))) proposals.push({ ...proposal, operations })
  }
  const rows = proposals.map(({ routing }) => knowledge.routings.item[routing])
  const similarities = similaritiesOfItems(model, query, rows, weightFactors(model, weights))
  return proposals.map(({ operations, routing, estimate }, at) => {
    const neighbour = { item: rows[at], vector: knowledge.items.vector[rows[at]], similarity: similarities[at], weight: 0 }
    return { operations, estimate, source: { routing, neighbour, weight: 0 } }
  })
}

/** Where no neighbour ran the step on this resource, the source's own times speak. */
function withSource({ knowledge }: Model, draft: DraftStep, { routing, neighbour }: EvidenceRouting, at: number): DraftStep {
  if (draft.samples.length > 0) return draft
  const step = knowledge.routings.stepOffsets[routing] + at
  const sources = draft.sources.length > 0 ? draft.sources : [neighbour.item]
  return { ...draft, sources, samples: [{ step, weight: 1, item: neighbour.item }] }
}

const unproposed: Ranked = { operations: new Uint32Array(0), probability: 0, vote: 0, model: 0, habit: 0, evidence: [] }
