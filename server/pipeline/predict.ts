/**
 * The predicting line: query → search → evidence → ranking → steps → times → answer. Works on one model snapshot,
 * without any wait. Its stages are timed.
 */
import type { Prediction, PredictRequest, Similar, SimilarRequest } from '../contract/predict'
import { confidenceAt } from '../domain/certainty'
import { knownShare, toldBlocks } from '../domain/encoder/encoder'
import type { Ranked } from '../domain/ranking'
import { encodeSequenceRecord, untoldAttributes } from '../domain/sequence-features'
import { defaultSettings, type Settings, settle } from '../domain/settings'
import { draftSteps } from '../domain/step-draft'
import { indexSteps } from '../domain/step-evidence'
import { sizesOf } from '../domain/time-regression'
import { planTimes } from '../domain/time-strategy'
import { showCandidate, showSteps } from './candidate-view'
import { decisiveOf } from './decisive'
import { groundsOf } from './grounds'
import { draftGroups, showGroupCandidates } from './group-expansion'
import { filterWarnings } from './item-filter'
import type { Model } from './model'
import { type Ahead, findNeighbourhood, type Neighbourhood } from './neighbourhood'
import { showNeighbours } from './neighbours'
import { type Query, resolveQuery } from './query'
import { rankRoutings } from './rank'
import { draftStandardRouting, markStandardRouting, planStandardRouting, type StandardPlan } from './standard-routing'
import { estimateSteps } from './step-times'

/** Proposals asked from the learned model: more than are shown, since neighbours may lift a lower one. */
const PROPOSALS = 10

interface Options {
  /** See `resolveQuery`. */
  lenient?: boolean
  /** Monotonic milliseconds, for the stage timings. */
  now?: () => number
  /** Ids of proposals, one a call. */
  newId?: () => string
  /** Taken together with the model. */
  settings?: Settings
  /** A search that was done before, and how long one that was not may take. */
  ahead?: Ahead
  /** Told what was asked and answered, before the answer goes out. */
  observe?: (query: Query, prediction: Prediction) => void
}

/**
 * Drafts the routing of one item. Synchronous: about a millisecond.
 * @throws unknown_item, unknown_attribute, invalid_value, bad_request
 */
export function predict(
  model: Model,
  asked: PredictRequest,
  { lenient = false, now = () => performance.now(), newId = Bun.randomUUIDv7, settings = defaultSettings, ahead, observe }: Options = {},
): Prediction {
  const started = now()
  const query = resolveQuery(model, asked, { lenient })
  const request = settle(asked, settings)
  const encoded = now()
  const neighbourhood = findNeighbourhood(model, query, request, ahead)
  const { found, neighbours, own } = neighbourhood
  const searched = now()
  const nearest = neighbours[0]?.similarity ?? 0
  const record = encodeSequenceRecord(model.sequenceFeatures, query.values)
  const predicted = model.sequence.predict(record, {
    candidates: PROPOSALS,
    beam: PROPOSALS,
  })
  const proposals = predicted.operations.map((operations, index) => ({ operations, probability: predicted.probabilities[index] }))
  const voices = { proposals, habits: model.learned.habits ?? [] }
  const routings = rankRoutings(model, neighbourhood, voices)
  const { evidence, ranked } = routings
  const grounds = groundsOf(model, query, ranked, neighbourhood, decisiveOf(model, query, neighbourhood, voices, ranked))
  const told = toldBlocks(model.encoder, query.values, untoldAttributes(model.sequenceFeatures, record, query.values))
  const confidence = confidenceOf(model, ranked, { nearest, told, own })
  const question = { query, request, ranked, neighbourhood, grounds, confidence, count: request.candidates }
  const standard = holdBack(planFiltered(neighbourhood, planStandardRouting(model, question)), confidence, settings)
  const stepEvidence = indexSteps(model.knowledge, evidence, model.usualResources)
  const drafts = standard.chosen.map((entry) =>
    entry === standard.byRule
      ? draftStandardRouting(model, standard, stepEvidence)
      : draftSteps(model.knowledge, stepEvidence, entry.operations, entry.evidence[0]?.routing ?? -1),
  )
  const taken = standard.chosen.map(({ operations }) => operations)
  const grouped = draftGroups(model, query, neighbourhood, routings, { request, taken, stepEvidence })
  const composed = now()
  const time = {
    sizes: sizesOf(model.learned.timeRegression?.columns ?? [], (name) => query.values.get(name) ?? null),
    nearest,
    neighbourhood,
    plan: planTimes(request.timeStrategy),
  }
  const times = estimateSteps(model, [...drafts, ...grouped.map(({ drafts }) => drafts)], time)
  const candidates = standard.chosen.map((entry, index) => {
    const steps = showSteps(model, drafts[index], times[index])
    return markStandardRouting(
      standard,
      entry,
      showCandidate(model, { entry, steps, ownRow: query.row, index, proposed: proposals[0]?.operations, lot: request.lot ?? 1 }),
    )
  })
  const groupCandidates = showGroupCandidates(model, grouped, times.slice(drafts.length), request.lot)
  const timed = now()
  const prediction: Prediction = {
    id: newId(),
    item: query.key,
    confidence: standard.confidence,
    abstained: standard.abstained,
    reason: standard.reason,
    grounds: standard.grounds,
    candidates: [...candidates, ...groupCandidates],
    neighbours: showNeighbours(model, query, found, neighbours, request.topK),
    warnings: [...query.warnings, ...filterWarnings(neighbourhood.allowed)],
    version: model.version,
    epoch: model.epoch,
    configRev: settings.configRev,
    ...neighbourhood.told,
    timingsMs: {
      encode: round(encoded - started),
      search: round(searched - encoded),
      compose: round(composed - searched),
      times: round(timed - composed),
      total: round(now() - started),
    },
  }
  observe?.(query, prediction)
  return prediction
}

/** Similar items with reasons, without routings. @throws as `predict` */
export function similar(
  model: Model,
  asked: SimilarRequest,
  { lenient = false, settings = defaultSettings, ahead }: Options = {},
): Similar {
  const query = resolveQuery(model, asked, { lenient })
  const request = settle(asked, settings)
  const { found, neighbours, told, allowed } = findNeighbourhood(model, query, request, ahead)
  return {
    item: query.key,
    neighbours: showNeighbours(model, query, found, neighbours, request.topK),
    warnings: [...query.warnings, ...filterWarnings(allowed)],
    version: model.version,
    epoch: model.epoch,
    configRev: settings.configRev,
    ...told,
  }
}

/** Where a filter leaves nothing there is nothing to draft from. */
function planFiltered({ allowed }: Neighbourhood, plan: StandardPlan): StandardPlan {
  if (allowed === null || allowed.count > 0) return plan
  const grounds = { ...plan.grounds, code: 'nothing_near' as const, decisive: [], standardRouting: null }
  return {
    ...plan,
    chosen: [],
    byRule: null,
    abstained: true,
    confidence: 0,
    reason: 'No item of this version passes the filter.',
    grounds,
  }
}

/** Below the confidence that the configuration asks for an answer abstains, whatever stands behind it; its candidates are shown. */
function holdBack(plan: StandardPlan, own: number, { confidenceMin }: Settings): StandardPlan & { confidence: number } {
  const confidence = round(plan.confidence ?? own)
  if (confidence >= confidenceMin) return { ...plan, confidence }
  const percent = (share: number) => `${Math.round(share * 1000) / 10} %`
  const reason = `${plan.reason} Its confidence of ${percent(confidence)} is below the ${percent(confidenceMin)} that the configuration asks for.`
  return { ...plan, confidence, reason, abstained: true, grounds: { ...plan.grounds, confidenceMin } }
}

/** Probability that the first candidate needs no edit, as it was on held-out items that looked like this one. */
function confidenceOf(
  { learned, encoder }: Model,
  ranked: Ranked[],
  { nearest, told, own }: { nearest: number; told: Uint8Array; own: boolean },
): number {
  if (ranked.length === 0) return 0
  const { probability: top, vote, model, habit } = ranked[0]
  if (own) return top
  const margin = top - (ranked[1]?.probability ?? 0)
  return confidenceAt(learned, { top, margin, vote, model, nearest, known: knownShare(encoder, told), told, habit })
}

const round = (value: number): number => Math.round(value * 10_000) / 10_000
