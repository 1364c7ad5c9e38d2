/**
 * How samples of times become an estimate. Absent fields of a request are as configured; the defaults are the trade's. The strategy governs the samples of the neighbours
 * and of the wider groups alike; which of the two is trusted how far was chosen at training. The promise that four of five new times lie
 * between p10 and p90 was measured with the default cuts and holds for them only: with others p10 and p90 are quantiles of the samples.
 */
import { type Static, type TSchema, Type } from '@sinclair/typebox'

export const TimeStrategy = Type.Object(
  {
    /**
     * What is done to samples that stand apart. `z_score`: those beyond `zCut` deviations are cut (from 3 samples on); `trimmed`: only the
     * weight between `trimLow` and `trimHigh` counts for mean and deviation; `both`: first the one, then the other; `none`: all count.
     */
    outliers: Type.Optional(
      Type.Union([Type.Literal('z_score'), Type.Literal('trimmed'), Type.Literal('both'), Type.Literal('none')], { default: 'both' }),
    ),
    zCut: Type.Optional(Type.Number({ minimum: 1, maximum: 6, default: 2.5 })),
    trimLow: Type.Optional(Type.Number({ minimum: 0, maximum: 0.4, default: 0.05 })),
    trimHigh: Type.Optional(Type.Number({ minimum: 0.6, maximum: 1, default: 0.95 })),
    /** `sigma`: μ − optimalSigma · σ, μ and μ + safeSigma · σ; `quantile`: the samples' p25, p50 and p90. */
    profile: Type.Optional(Type.Union([Type.Literal('sigma'), Type.Literal('quantile')], { default: 'sigma' })),
    optimalSigma: Type.Optional(Type.Number({ minimum: 0, maximum: 4, default: 0.67 })),
    safeSigma: Type.Optional(Type.Number({ minimum: 0, maximum: 4, default: 1.28 })),
  },
  { additionalProperties: false, $id: 'TimeStrategy', title: 'Time strategy' },
)
export type TimeStrategy = Static<typeof TimeStrategy>

/** The same in a request: what is absent is the configuration's to say, so nothing is filled in. */
export const RequestedTimes = Type.Unsafe<TimeStrategy>(
  Type.Object(
    Object.fromEntries(
      Object.entries(TimeStrategy.properties).map(([name, schema]) => {
        const { default: _default, ...rest } = schema as TSchema
        return [name, rest as TSchema]
      }),
    ),
    { additionalProperties: false, $id: 'RequestedTimes', title: 'Time strategy', description: 'Absent fields: as configured' },
  ),
)
