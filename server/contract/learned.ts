/** What training measured and chose on held-out items: `learned.json` of a version. Nothing in it is set by hand. */
import { type Static, Type } from '@sinclair/typebox'

const Points = Type.Object({ x: Type.Array(Type.Number()), y: Type.Array(Type.Number()) })
export const IntervalCalibration = Type.Object({ low: Type.Number(), high: Type.Number(), floor: Type.Number() })

export const Learned = Type.Object({
  format: Type.Literal(1),
  /** Weight of a neighbour ∝ similarity^voteExponent. */
  voteExponent: Type.Number(),
  /** λ of ranking: 0 neighbours only, 1 learned model only. */
  modelShare: Type.Number(),
  /** Probability of the first candidate → probability that it needs no edit (isotonic, held-out). */
  confidence: Points,
  /** Below this similarity of the nearest item the answer abstains. */
  similarityMin: Type.Number(),
  /** time kind → level → interval calibration. */
  intervals: Type.Record(Type.String(), Type.Record(Type.String(), IntervalCalibration)),
  /** Every choice that was tried, with what it scored. */
  trials: Type.Array(Type.Object({ voteExponent: Type.Number(), modelShare: Type.Number(), em1: Type.Number(), em5: Type.Number() })),
  /** Items held out for these choices; 0 when the plant is too small to hold any out. */
  heldOutItems: Type.Integer(),
})
export type Learned = Static<typeof Learned>
