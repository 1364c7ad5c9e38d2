/** One estimated time of a step: its middle, its spread, its profiles, and what it stands on. */
import { type Static, Type } from '@sinclair/typebox'

/** From where the samples of an estimate come, from the nearest to the widest group. */
export const TimeLevel = Type.Union([
  Type.Literal('neighbours'),
  Type.Literal('operation_resource'),
  Type.Literal('operation'),
  Type.Literal('process_group'),
  Type.Literal('all'),
])
export type TimeLevel = Static<typeof TimeLevel>

/**
 * How the middle was reached, as held-out items of the plant chose it: `neighbours` by their times alone, `profile` by the statistics
 * of the level alone, `pooled` by the neighbours' times drawn towards the level's, `sizes` by the regression on sizes, `sizes_pooled` by
 * the neighbours' times drawn towards the regression.
 */
export const TimeMethodName = Type.Union([
  Type.Literal('neighbours'),
  Type.Literal('profile'),
  Type.Literal('pooled'),
  Type.Literal('sizes'),
  Type.Literal('sizes_pooled'),
])
export type TimeMethodName = Static<typeof TimeMethodName>

/** Minutes (per lot for set-up and waiting, per piece for run) with their spread. optimal ≤ standard ≤ safe, none below 0. */
export const TimeEstimate = Type.Object(
  {
    /**
     * With the default cuts p10 and p90 are calibrated: four of five new times lie between them. With cuts of the request's own they are
     * the quantiles of the samples that the cuts leave, and promise nothing.
     */
    p10: Type.Number(),
    /** From the medians of all samples, which need no cut. */
    p50: Type.Number(),
    p90: Type.Number(),
    /** Samples after outlier cut. */
    n: Type.Integer(),
    mean: Type.Number(),
    sd: Type.Number(),
    /** sd ÷ mean; 0 when the mean is 0. */
    cv: Type.Number(),
    /** μ − 0.67 σ or p25, at least 0. */
    optimal: Type.Number(),
    /** μ, or p50 with profiles by quantile. */
    standard: Type.Number(),
    /** μ + 1.28 σ or p90 */
    safe: Type.Number(),
    level: TimeLevel,
    method: TimeMethodName,
    /** `actual` when work results exist, else the ERP's `standard` times. */
    basis: Type.Union([Type.Literal('standard'), Type.Literal('actual')]),
  },
  { $id: 'TimeEstimate' },
)
export type TimeEstimate = Static<typeof TimeEstimate>
