/** What would change the answer: the question is asked again with other values, through the same predicting line. */
import type { AttributeEffect, Counterfactual, CounterfactualRequest, Counterfactuals } from '../contract/counterfactual'
import { limits } from '../contract/limits'
import type { Prediction } from '../contract/predict'
import type { AttributeInput } from '../domain/encoder/block'
import { encodeRecord } from '../domain/encoder/encoder'
import { DomainError } from '../domain/error'
import { defaultSettings, type Settings, settle } from '../domain/settings'
import { compareSteps, effectOf, stepsInWords } from '../domain/step-change'
import { asWritten } from '../domain/written-units'
import { chooseCounterfactuals, summarizeAttributes, type Trial, trialsOf } from './counterfactual-trials'
import type { Model } from './model'
import { searchAhead } from './neighbourhood'
import { predict } from './predict'
import { type Query, resolveQuery } from './query'

interface Options {
  /** Monotonic milliseconds. */
  now?: () => number
  deadlineMs?: number
  /** Waits until others have had theirs. */
  turn?: () => Promise<void>
  /** Taken together with the model. */
  settings?: Settings
}

const nextTurn = () => new Promise<void>((resume) => setImmediate(resume))

/** Work of a search goes on so long before others have their turn. */
const TURN_MS = 4

/**
 * With `change` one prediction beside the base; without, up to `limits.counterfactualPredictionsMax`, about a millisecond each, in
 * turns with other requests; long searches run off the thread. The caller holds the model. When the deadline comes, what was found is
 * answered with `complete: false`.
 * @throws unknown_item, unknown_attribute, invalid_value, bad_request, deadline_exceeded (before there was anything to tell)
 */
export async function counterfactual(
  model: Model,
  request: CounterfactualRequest,
  { now = () => performance.now(), deadlineMs = limits.requestDeadlineMs, turn = nextTurn, settings = defaultSettings }: Options = {},
): Promise<Counterfactuals> {
  const started = now()
  const query = resolveQuery(model, request)
  const ask = (values: ReadonlyMap<string, AttributeInput>) => {
    const timeoutMs = Math.max(0, Math.ceil(deadlineMs - (now() - started)))
    return askWith(model, request, { query, values, settings, timeoutMs })
  }
  const base = await ask(query.values)
  const answer = (found: Pick<Counterfactuals, 'counterfactuals' | 'attributes' | 'predictions' | 'complete'>): Counterfactuals => ({
    item: query.key,
    base: { signature: base.candidates[0]?.signature ?? null, confidence: base.confidence, abstained: base.abstained },
    ...found,
    warnings: query.warnings,
    version: model.version,
    epoch: model.epoch,
    configRev: settings.configRev,
    efSearch: base.efSearch,
    recall: base.recall,
  })
  if (request.change !== undefined) {
    const changed = resolveQuery(model, { item: request.item, attributes: { ...request.attributes, ...request.change } })
    const told = tell(model, query, base, changed.values, await ask(changed.values))
    return { ...answer({ counterfactuals: [told], attributes: [], predictions: 2, complete: true }), warnings: changed.warnings }
  }
  const trials = trialsOf(model, query, base, { ...settings.weights, ...request.weights })
  const outcomes: { trial: Trial; told: Counterfactual }[] = []
  let turnAt = now()
  for (const trial of trials) {
    if (now() - started > deadlineMs) break
    if (now() - turnAt > TURN_MS) {
      await turn()
      turnAt = now()
    }
    const values = new Map(query.values).set(trial.attribute, trial.value)
    try {
      outcomes.push({ trial, told: tell(model, query, base, values, await ask(values)) })
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'deadline_exceeded') throw error
      break
    }
  }
  return answer({
    counterfactuals: chooseCounterfactuals(
      outcomes.map(({ told }) => told),
      request.limit ?? limits.counterfactualsDefault,
    ),
    attributes: summarizeAttributes(query, outcomes) satisfies AttributeEffect[],
    predictions: outcomes.length + 1,
    complete: outcomes.length === trials.length,
  })
}

/** The question with these values in place of its own, for the first candidate only. Rejects with `deadline_exceeded`. */
async function askWith(
  model: Model,
  { topK, efSearch, recall, without, weights }: CounterfactualRequest,
  {
    query,
    values,
    settings,
    timeoutMs,
  }: { query: Query; values: ReadonlyMap<string, AttributeInput>; settings: Settings; timeoutMs: number },
): Promise<Prediction> {
  const attributes = asWritten(model.knowledge.items.features, Object.fromEntries(values))
  const item = query.key === null ? {} : { item: query.key }
  const asked = { ...item, attributes, topK, efSearch, recall, without, weights, ignoreOwnHistory: true, candidates: 1, groupExpansion: 0 }
  const search = searchAhead(model, settle(asked, settings), timeoutMs, () => resolveQuery(model, asked))
  return predict(model, asked, { settings, ahead: search === null ? { timeoutMs } : { found: await search } })
}

function tell(
  model: Model,
  query: Query,
  base: Prediction,
  values: ReadonlyMap<string, AttributeInput>,
  changed: Prediction,
): Counterfactual {
  const features = model.knowledge.items.features
  const changes = features
    .map(({ name }) => ({ attribute: name, from: query.values.get(name) ?? null, to: values.get(name) ?? null }))
    .filter(({ from, to }) => from !== to)
  const steps = compareSteps(base.candidates[0]?.steps ?? [], changed.candidates[0]?.steps ?? [])
  const settings = changes.map(({ attribute, to }) => {
    const feature = features.find(({ name }) => name === attribute)?.feature
    const unit = feature?.kind === 'number' && feature.unit !== undefined ? ` ${feature.unit}` : ''
    return to === null ? `${attribute} unknown` : `${attribute} = ${to}${unit}`
  })
  return {
    changes,
    effect: effectOf(steps),
    distance: distanceOf(model, query, values),
    confidence: changed.confidence,
    abstained: changed.abstained,
    signature: changed.candidates[0]?.signature ?? null,
    steps,
    text: settings.length === 0 ? 'Nothing is changed.' : `With ${settings.join(', ')}: ${stepsInWords(steps)}.`,
  }
}

/** 1 − the similarity of the two under the plant's own weights. */
function distanceOf({ encoder }: Model, { vector }: Query, values: ReadonlyMap<string, AttributeInput>): number {
  const other = encodeRecord(encoder, new Map(values))
  if (vector === null || other === null) return vector === other ? 0 : 1
  let product = 0
  for (let at = 0; at < vector.length; at++) product += vector[at] * other[at]
  return Math.round(Math.min(1, Math.max(0, 1 - product)) * 10_000) / 10_000
}
