/** What training measured and chose on held-out items: `learned.json` of a version. Nothing in it is set by hand. */
import { type Static, Type } from '@sinclair/typebox'
import { RuleRecord } from './standard-routing'

const Points = Type.Object({ x: Type.Array(Type.Number()), y: Type.Array(Type.Number()) })
export const IntervalCalibration = Type.Object({ low: Type.Number(), high: Type.Number(), floor: Type.Number() })

const Habit = Type.Object({ signature: Type.Integer(), share: Type.Number() })

/** Logistic model of an answer's signs with its own calibration; see `domain/certainty.ts` for the signs. */
export const Certainty = Type.Object({
  mean: Type.Array(Type.Number()),
  scale: Type.Array(Type.Number()),
  weights: Type.Array(Type.Number()),
  bias: Type.Number(),
  /** Encoder blocks (by place) of the attributes whose presence is looked at one by one; their weights come last. */
  attributes: Type.Optional(Type.Array(Type.Integer())),
  points: Points,
})

const timeMethod = {
  /** What the neighbours' times are shrunk towards; `scaled`: the regression, and the neighbours' times are brought to the item's sizes by it. */
  base: Type.Union([Type.Literal('operation'), Type.Literal('operation_resource'), Type.Literal('regression'), Type.Literal('scaled')]),
  /** k of n ÷ (n + k): 0 neighbours alone, very large the base alone. */
  shrink: Type.Number(),
  /** Mean |error| ÷ the operation's median. */
  trials: Type.Array(Type.Object({ base: Type.String(), shrink: Type.Number(), error: Type.Number() })),
}

/** How one kind of time is estimated, and what every way of estimating it was worth on held-out items. */
export const TimeMethod = Type.Object({
  ...timeMethod,
  /** Where nothing is as near as `timesFarBelow`; absent with too few such times. */
  far: Type.Optional(Type.Object(timeMethod)),
})

/** Log-minutes per operation by the number attributes, each as deviations from its mean, and by resource. */
export const TimeRegression = Type.Object({
  columns: Type.Array(Type.Object({ name: Type.String(), log: Type.Boolean(), mean: Type.Number(), sd: Type.Number() })),
  /** Time kind → operation code number → coefficients. */
  kinds: Type.Record(
    Type.String(),
    Type.Record(
      Type.String(),
      Type.Object({
        bias: Type.Number(),
        slopes: Type.Array(Type.Number()),
        sd: Type.Number(),
        n: Type.Integer(),
        /** Resource code number → what it adds; shrunk towards 0 by how much the resources differ at all. */
        resources: Type.Optional(Type.Record(Type.String(), Type.Number())),
      }),
    ),
  ),
})

export const Learned = Type.Object({
  format: Type.Literal(1),
  /** Weight of a neighbour ∝ similarity^voteExponent. */
  voteExponent: Type.Number(),
  /** λ of ranking: 0 neighbours only, 1 learned model only. */
  modelShare: Type.Number(),
  /** λ where the nearest item is less similar than `below`: learned on whole families and on attributes held out. */
  far: Type.Optional(Type.Object({ below: Type.Number(), modelShare: Type.Number(), habitShare: Type.Optional(Type.Number()) })),
  /** Part of the probability that the plant's most frequent routings have; they are candidates when it is above 0. */
  habitShare: Type.Optional(Type.Number()),
  /** Signatures of the most frequent routings with their share of all. */
  habits: Type.Optional(Type.Array(Habit)),
  /** Probability of the first candidate → probability that it needs no edit (isotonic, held-out); `certainty` goes before it. */
  confidence: Points,
  certainty: Type.Optional(Certainty),
  /** Below this similarity of the nearest item the answer abstains: nothing like it was ever held out, or what was came out wrong. */
  similarityMin: Type.Number(),
  /** Time kind → method; kinds with too few held-out times that tell methods apart take the operation's median. */
  timeMethods: Type.Optional(Type.Record(Type.String(), TimeMethod)),
  timeRegression: Type.Optional(TimeRegression),
  /** Nearest similarity below which times have the methods and intervals of unseen families (`level/far`). */
  timesFarBelow: Type.Optional(Type.Number()),
  /** time kind → level → interval calibration. */
  intervals: Type.Record(Type.String(), Type.Record(Type.String(), IntervalCalibration)),
  /** Every choice that was tried, with what it scored. */
  trials: Type.Array(Type.Object({ voteExponent: Type.Number(), modelShare: Type.Number(), em1: Type.Number(), em5: Type.Number() })),
  /** Held-out cases and what came of the choice, by how they were held out. */
  protocols: Type.Optional(Type.Record(Type.String(), Type.Object({ cases: Type.Integer(), em1: Type.Number(), em5: Type.Number() }))),
  /** Rule id → how often its standard routing was one of the item's own; rules that fired nowhere are absent. */
  standardRoutings: Type.Optional(Type.Record(Type.String(), RuleRecord)),
  /** Items held out for these choices; 0 when the plant is too small to hold any out. */
  heldOutItems: Type.Integer(),
})
export type Learned = Static<typeof Learned>
