/** What would change the answer: an attribute with another value, and what becomes of each step. */
import { type Static, Type } from '@sinclair/typebox'
import { limits } from './limits'
import { Attributes, SimilarRequest, Warning } from './predict'
import { SearchRecall } from './recall'
import { Nullable } from './schema'

const { ignoreOwnHistory: _ignoreOwnHistory, ...question } = SimilarRequest.properties

/**
 * The question of a prediction. An item's own routings count on neither side: they are what was made, and say nothing of what a
 * changed item would need.
 */
export const CounterfactualRequest = Type.Object(
  {
    ...question,
    /** What if these attributes had these values? Without it, values that change the answer are looked for. */
    change: Type.Optional(Attributes),
    limit: Type.Optional(
      Type.Integer({ minimum: 1, maximum: limits.counterfactualsMax, default: limits.counterfactualsDefault, title: 'Changes' }),
    ),
  },
  { additionalProperties: false, $id: 'CounterfactualRequest' },
)
export type CounterfactualRequest = Static<typeof CounterfactualRequest>

const ParsedValue = Nullable(Type.Union([Type.String(), Type.Number()]))
const StepPlace = Type.Object({ sequence: Type.Integer(), resource: Nullable(Type.String()) })

/** What became of one step; steps are aligned by operation. */
export const StepChange = Type.Object(
  {
    change: Type.Union([Type.Literal('kept'), Type.Literal('removed'), Type.Literal('added'), Type.Literal('moved')]),
    operation: Type.String(),
    operationName: Nullable(Type.String()),
    /** As the answer has it now; null where it is added. */
    before: Nullable(StepPlace),
    /** As the changed item has it; null where it is removed. */
    after: Nullable(StepPlace),
    /** It is on both sides, on another resource. */
    resourceChanged: Type.Boolean(),
  },
  { $id: 'StepChange' },
)
export type StepChange = Static<typeof StepChange>

/** How much of the first candidate changes. */
export const ChangeEffect = Type.Union([Type.Literal('none'), Type.Literal('resources'), Type.Literal('operations')])
export type ChangeEffect = Static<typeof ChangeEffect>

export const Counterfactual = Type.Object(
  {
    /** The attributes that differ, in the mapping's units; null is unknown. */
    changes: Type.Array(Type.Object({ attribute: Type.String(), from: ParsedValue, to: ParsedValue }), { maxItems: limits.attributesMax }),
    effect: ChangeEffect,
    /** How far the changed item is from this one: 1 − their similarity, 0 to 1. */
    distance: Type.Number(),
    confidence: Type.Number(),
    abstained: Type.Boolean(),
    /** Operation codes of the first candidate, joined by '+'; null without any candidate. */
    signature: Nullable(Type.String()),
    /** In the order of the changed routing; a removed step stands where it was. */
    steps: Type.Array(StepChange, { maxItems: 2 * limits.stepsPerRoutingMax }),
    /** For a person, in English: which steps disappear, are added, move or run elsewhere. */
    text: Type.String(),
  },
  { $id: 'Counterfactual' },
)
export type Counterfactual = Static<typeof Counterfactual>

/** One attribute that was looked at. */
export const AttributeEffect = Type.Object(
  {
    attribute: Type.String(),
    value: ParsedValue,
    /** Other values that were tried, and how many of them changed the first candidate. */
    tried: Type.Integer(),
    changing: Type.Integer(),
    /** The strongest effect of any of them. */
    effect: ChangeEffect,
  },
  { $id: 'AttributeEffect' },
)
export type AttributeEffect = Static<typeof AttributeEffect>

export const Counterfactuals = Type.Object(
  {
    item: Nullable(Type.String()),
    /** The answer as it is. */
    base: Type.Object({ signature: Nullable(Type.String()), confidence: Type.Number(), abstained: Type.Boolean() }),
    /** With `change`, what it does; else what changes the first candidate: other operations before other resources, near before far. */
    counterfactuals: Type.Array(Counterfactual, { maxItems: limits.counterfactualsMax }),
    /** What was looked at, heaviest attribute first; empty with `change`. */
    attributes: Type.Array(AttributeEffect, { maxItems: limits.attributesMax }),
    /** Predictions made. */
    predictions: Type.Integer(),
    /** False where time ran out before every value was tried. */
    complete: Type.Boolean(),
    warnings: Type.Array(Warning),
    version: Type.String(),
    epoch: Type.Integer(),
    configRev: Type.Integer(),
    efSearch: Type.Integer(),
    recall: SearchRecall,
  },
  { $id: 'Counterfactuals' },
)
export type Counterfactuals = Static<typeof Counterfactuals>
