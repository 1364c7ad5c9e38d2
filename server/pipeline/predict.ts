/**
 * The predicting line: query → search → evidence → ranking → steps → times → answer. Works on one model snapshot,
 * without any wait. Its stages are timed.
 */
import { efSearchPresets, limits } from '../contract/limits'
import type { Candidate, CandidateKind, Grounds, Prediction, PredictRequest, Similar, SimilarRequest, Step } from '../contract/predict'
import { applyCertainty } from '../domain/certainty'
import { knownShare } from '../domain/encoder/encoder'
import { type EvidenceRouting, gatherNeighbours, gatherRoutings, type Neighbour } from '../domain/evidence'
import { applyIsotonic } from '../domain/isotonic'
import { signatureText } from '../domain/knowledge'
import { modelShareAt, type Ranked, rankSequences } from '../domain/ranking'
import { encodeSequenceRecord } from '../domain/sequence-features'
import { type DraftStep, draftSteps } from '../domain/step-draft'
import { indexSteps } from '../domain/step-evidence'
import { sizesOf } from '../domain/time-regression'
import { groundsInWords } from './grounds'
import type { Model } from './model'
import { showNeighbours } from './neighbours'
import { type Query, resolveQuery } from './query'
import { type Found, searchVectors, weightFactors } from './search'
import { estimateSteps, type StepTimes } from './step-times'

/** Proposals asked from the learned model: more than are shown, since neighbours may lift a lower one. */
const PROPOSALS = 10
/** Weight of an item's own routings among the evidence when its history counts: it has been made before. */
const OWN_WEIGHT = 0.9

interface Options {
  /** See `resolveQuery`. */
  lenient?: boolean
  /** Monotonic milliseconds, for the stage timings. */
  now?: () => number
}

/**
 * Drafts the routing of one item. Synchronous: about a millisecond.
 * @throws unknown_item, unknown_attribute, invalid_value, bad_request
 */
export function predict(
  model: Model,
  request: PredictRequest,
  { lenient = false, now = () => performance.now() }: Options = {},
): Prediction {
  const started = now()
  const query = resolveQuery(model, request, { lenient })
  const topK = request.topK ?? limits.topKDefault
  const ef = request.efSearch ?? efSearchPresets.standard
  const encoded = now()
  const { found, neighbours, own } = findNeighbours(model, query, { ...request, topK, ef })
  const searched = now()
  const nearest = neighbours[0]?.similarity ?? 0
  const evidence = gatherRoutings(model.knowledge, neighbours)
  const proposals = model.sequence.predict(encodeSequenceRecord(model.sequenceFeatures, query.values), {
    candidates: PROPOSALS,
    beam: PROPOSALS,
  })
  const ranked = rankSequences(
    model.knowledge,
    evidence,
    proposals.operations.map((operations, index) => ({ operations, probability: proposals.probabilities[index] })),
    {
      modelShare: own ? 0 : modelShareAt(model.learned, nearest),
      habitShare: own ? 0 : (model.learned.habitShare ?? 0),
      habits: model.learned.habits ?? [],
    },
  ).filter((entry) => entry.operations.length > 0)
  const chosen = ranked.slice(0, request.candidates ?? limits.candidatesDefault)
  const stepEvidence = indexSteps(model.knowledge, evidence)
  const drafts = chosen.map(({ operations, evidence: exact }) =>
    draftSteps(model.knowledge, stepEvidence, model.usualResources, operations, exact[0]?.routing ?? -1),
  )
  const composed = now()
  const times = estimateSteps(model, drafts.flat(), {
    sizes: sizesOf(model.learned.timeRegression?.columns ?? [], (name) => query.values.get(name) ?? null),
    nearest,
  })
  let at = 0
  const candidates = chosen.map((entry, index) => {
    const steps = drafts[index].map((draft) => showStep(model, draft, times[at++]))
    steps.forEach((step, position) => {
      step.sequence = 10 * (position + 1)
    })
    return showCandidate(model, entry, steps, query.row, index, proposals.operations[0])
  })
  const grounds = groundsOf(model, query, ranked, neighbours, own)
  const confidence = confidenceOf(model, query, ranked, nearest, own)
  const timed = now()
  return {
    item: query.key,
    confidence: round(confidence),
    abstained: grounds.code === 'nothing_near' || grounds.code === 'no_attributes' || candidates.length === 0,
    reason: groundsInWords(grounds),
    grounds,
    candidates,
    neighbours: showNeighbours(model, query, found, neighbours, topK),
    warnings: query.warnings,
    version: model.version,
    epoch: model.epoch,
    efSearch: ef,
    timingsMs: {
      encode: round(encoded - started),
      search: round(searched - encoded),
      compose: round(composed - searched),
      times: round(timed - composed),
      total: round(now() - started),
    },
  }
}

/** Similar items with reasons, without routings. @throws as `predict` */
export function similar(model: Model, request: SimilarRequest, { lenient = false }: Options = {}): Similar {
  const query = resolveQuery(model, request, { lenient })
  const topK = request.topK ?? limits.topKDefault
  const ef = request.efSearch ?? efSearchPresets.standard
  const { found, neighbours } = findNeighbours(model, query, { ...request, topK, ef })
  return {
    item: query.key,
    neighbours: showNeighbours(model, query, found, neighbours, topK),
    warnings: query.warnings,
    version: model.version,
    epoch: model.epoch,
    efSearch: ef,
  }
}

interface SearchRequest {
  topK: number
  ef: number
  ignoreOwnHistory?: boolean
  weights?: Record<string, number>
}

function findNeighbours(model: Model, query: Query, request: SearchRequest): { found: Found; neighbours: Neighbour[]; own: boolean } {
  const { knowledge, learned } = model
  const routed = query.row >= 0 && knowledge.items.routingOffsets[query.row + 1] > knowledge.items.routingOffsets[query.row]
  const own = routed && request.ignoreOwnHistory !== true
  const factors = weightFactors(model, request.weights)
  // one more than asked: the query's own vector may hold nothing but itself
  const found = searchVectors(model, query, { k: request.topK + 1, ef: Math.max(request.ef, request.topK + 1), factors })
  const others = gatherNeighbours(knowledge, found.vectors, found.similarities, learned.voteExponent, query.row)
  if (!own) return { found, neighbours: others, own }
  for (const neighbour of others) neighbour.weight *= 1 - OWN_WEIGHT
  const itself: Neighbour = {
    item: query.row,
    vector: knowledge.items.vector[query.row],
    similarity: 1,
    weight: others.length === 0 ? 1 : OWN_WEIGHT,
  }
  return { found, neighbours: [itself, ...others], own }
}

/** Probability that the first candidate needs no edit, as it was on held-out items that looked like this one. */
function confidenceOf({ learned, encoder }: Model, query: Query, ranked: Ranked[], nearest: number, own: boolean): number {
  if (ranked.length === 0) return 0
  const { probability: top, vote, model } = ranked[0]
  if (own) return top
  if (learned.certainty === undefined) return applyIsotonic(learned.confidence, top)
  const margin = top - (ranked[1]?.probability ?? 0)
  return applyCertainty(learned.certainty, { top, margin, vote, model, nearest, known: knownShare(encoder, query.values) })
}

function groundsOf(model: Model, query: Query, ranked: Ranked[], neighbours: Neighbour[], own: boolean): Grounds {
  const nearest = neighbours[0]?.similarity ?? 0
  const same = new Set(ranked[0]?.evidence.map(({ neighbour }) => neighbour.item) ?? []).size
  const counts = { neighbours: neighbours.length, same, nearest: round(nearest) }
  if (own) return { code: 'own_history', ...counts }
  if (query.vector === null) return { code: 'no_attributes', ...counts }
  if (neighbours.length === 0 || nearest < model.learned.similarityMin) return { code: 'nothing_near', ...counts }
  if (same === 0) return { code: 'model_only', ...counts }
  return { code: same * 2 >= neighbours.length ? 'agreement' : 'mixed', ...counts }
}

function showCandidate(
  model: Model,
  entry: Ranked,
  steps: Step[],
  ownRow: number,
  index: number,
  proposed: Uint32Array | undefined,
): Candidate {
  const exact: EvidenceRouting | undefined = entry.evidence[0]
  const signature = signatureText(model.knowledge, entry.operations)
  const isOwn = exact !== undefined && exact.neighbour.item === ownRow
  const isComposed = exact === undefined || (proposed !== undefined && !isOwn && equal(entry.operations, proposed))
  const kind: CandidateKind = isOwn ? 'own' : isComposed ? 'composed' : 'neighbour'
  const source =
    exact === undefined
      ? null
      : {
          item: model.knowledge.items.key(exact.neighbour.item),
          routing: model.knowledge.routings.label(exact.routing),
          similarity: round(exact.neighbour.similarity),
        }
  return {
    id: source === null || kind === 'composed' ? `composed/${index + 1}` : `${source.item}/${source.routing}`,
    kind,
    probability: round(entry.probability),
    source,
    signature,
    sameSignature: new Set(entry.evidence.map(({ neighbour }) => neighbour.item)).size,
    steps,
    totalSetupMinutes: total(steps, 'setupMinutes'),
    totalRunMinutes: total(steps, 'runMinutes'),
  }
}

function showStep(model: Model, draft: DraftStep, times: StepTimes): Step {
  const { operations, resources, items } = model.knowledge
  return {
    sequence: 0,
    operation: operations.code[draft.operation],
    operationName: operations.name[draft.operation] || null,
    resource: resources.code[draft.resource] || null,
    resourceName: resources.name[draft.resource] || null,
    workCentre: resources.workCentre[draft.resource] || null,
    alternatives: draft.alternatives.map((alternative) => ({ ...alternative, support: round(alternative.support) })),
    inside: draft.inside,
    partner: draft.partner,
    leadTimeDays: draft.leadTimeDays,
    // a plant that plans no times but reports them is drafted from the reports
    setupMinutes: times.setup ?? times.actualSetup,
    runMinutes: times.run ?? times.actualRun,
    queueMinutes: times.queue,
    waitMinutes: times.wait,
    moveMinutes: times.move,
    actualSetupMinutes: times.actualSetup,
    actualRunMinutes: times.actualRun,
    support: round(draft.support),
    sources: draft.sources.map(items.key),
  }
}

/** Sum of the middle estimates over in-house steps; null when no step has one. */
function total(steps: Step[], name: 'setupMinutes' | 'runMinutes'): number | null {
  const known = steps.filter((step) => step.inside !== false && step[name] !== null)
  return known.length === 0 ? null : round(known.reduce((sum, step) => sum + step[name]!.p50, 0))
}

const equal = (a: Uint32Array, b: Uint32Array): boolean => a.length === b.length && a.every((operation, index) => operation === b[index])
const round = (value: number): number => Math.round(value * 10_000) / 10_000
