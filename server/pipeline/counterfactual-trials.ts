/** Which values are tried to change an answer, and what is told of those that did. */
import type { AttributeEffect, ChangeEffect, Counterfactual } from '../contract/counterfactual'
import { limits } from '../contract/limits'
import type { Prediction } from '../contract/predict'
import type { AttributeInput } from '../domain/encoder/block'
import type { Model } from './model'
import { otherValues } from './other-values'
import type { Query } from './query'

export interface Trial {
  attribute: string
  value: AttributeInput
}

const VALUES_PER_ATTRIBUTE_MIN = 3
const VALUES_PER_ATTRIBUTE_MAX = 12
/** One attribute must not fill the answer. */
const TOLD_PER_ATTRIBUTE_MAX = 3

/** First the likeliest value of every attribute, heaviest first, then the next of each: whenever time runs out, all had their turn. */
export function trialsOf(model: Model, query: Query, base: Prediction, weights: Record<string, number> = {}): Trial[] {
  const { knowledge, encoder } = model
  const predictions = limits.counterfactualPredictionsMax - 1
  const units = new Set(knowledge.items.features.map(({ feature }) => (feature.kind === 'number' ? feature.unitColumn : undefined)))
  const weightOf = (name: string): number => {
    const block = encoder.blockOf.get(name)
    return block === undefined ? 0 : encoder.model.blocks[block].weight * (weights[name] ?? 1)
  }
  const features = knowledge.items.features
    // a unit is no property of the part: the size stays what it is
    .filter(({ feature }) => !units.has(feature.column))
    .map((feature) => ({ feature, weight: weightOf(feature.name) }))
    .sort((a, b) => b.weight - a.weight)
    .slice(0, Math.floor(predictions / VALUES_PER_ATTRIBUTE_MIN))
  const each = Math.min(VALUES_PER_ATTRIBUTE_MAX, Math.floor(predictions / Math.max(1, features.length)))
  const near = base.neighbours.map(({ item }) => knowledge.items.find(item))
  const values = features.map(({ feature }) => otherValues(model, feature, query.values.get(feature.name) ?? null, near, each))
  return Array.from({ length: each }, (_, round) =>
    features.flatMap(({ feature }, at) => values[at].slice(round, round + 1).map((value) => ({ attribute: feature.name, value }))),
  ).flat()
}

const strength: Record<ChangeEffect, number> = { none: 0, resources: 1, operations: 2 }

/** Those that change the first candidate: other operations before other resources, near before far, each result of an attribute once. */
export function chooseCounterfactuals(all: Counterfactual[], limit: number): Counterfactual[] {
  const seen = new Set<string>()
  const perAttribute = new Map<string, number>()
  return all
    .filter(({ effect }) => effect !== 'none')
    .sort((a, b) => strength[b.effect] - strength[a.effect] || a.distance - b.distance)
    .filter(({ changes, effect, signature }) => {
      const attribute = changes[0].attribute
      const result = `${attribute}\n${effect === 'operations' ? signature : effect}`
      const told = perAttribute.get(attribute) ?? 0
      if (seen.has(result) || told === TOLD_PER_ATTRIBUTE_MAX) return false
      seen.add(result)
      perAttribute.set(attribute, told + 1)
      return true
    })
    .slice(0, limit)
}

/** One line an attribute, in the order in which they were tried. */
export function summarizeAttributes(query: Query, outcomes: { trial: Trial; told: Counterfactual }[]): AttributeEffect[] {
  const effects = new Map<string, AttributeEffect>()
  for (const { trial, told } of outcomes) {
    const { attribute } = trial
    const effect = effects.get(attribute) ?? {
      attribute,
      value: query.values.get(attribute) ?? null,
      tried: 0,
      changing: 0,
      effect: 'none',
    }
    effect.tried++
    if (told.effect !== 'none') effect.changing++
    if (strength[told.effect] > strength[effect.effect]) effect.effect = told.effect
    effects.set(attribute, effect)
  }
  return [...effects.values()]
}
