/** How samples of times become an estimate. Absent fields have the plant's defaults. */
import { type Static, Type } from '@sinclair/typebox'

export const TimeStrategy = Type.Object(
  {
    /**
     * What is done to samples that stand apart. `z_score`: those beyond `zCut` deviations are cut (from 3 samples on); `trimmed`: only the
     * weight between `trimLow` and `trimHigh` counts; `both`: first the one, then the other; `none`: all count.
     */
    outliers: Type.Optional(
      Type.Union([Type.Literal('z_score'), Type.Literal('trimmed'), Type.Literal('both'), Type.Literal('none')], { default: 'both' }),
    ),
    zCut: Type.Optional(Type.Number({ minimum: 1, maximum: 6, default: 2.5 })),
    trimLow: Type.Optional(Type.Number({ minimum: 0, maximum: 0.4, default: 0.05 })),
    trimHigh: Type.Optional(Type.Number({ minimum: 0.6, maximum: 1, default: 0.95 })),
    /** What optimal and safe are. `sigma`: μ − optimalSigma · σ and μ + safeSigma · σ; `quantile`: the samples' p25 and p90. */
    profile: Type.Optional(Type.Union([Type.Literal('sigma'), Type.Literal('quantile')], { default: 'sigma' })),
    optimalSigma: Type.Optional(Type.Number({ minimum: 0, maximum: 4, default: 0.67 })),
    safeSigma: Type.Optional(Type.Number({ minimum: 0, maximum: 4, default: 1.28 })),
  },
  { additionalProperties: false, $id: 'TimeStrategy', title: 'Time strategy' },
)
export type TimeStrategy = Static<typeof TimeStrategy>
