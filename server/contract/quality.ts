/** How good a version is, and how that was measured: `quality.json` of a version and the result of `routewright evaluate`. */
import { type Static, Type } from '@sinclair/typebox'
import { RecallPoint } from './recall'
import { Nullable, strict } from './schema'

export const QUALITY_SCHEMA = 'routewright.quality/1'
/** Its place in a version's folder. */
export const QUALITY_FILE = 'quality.json'

const Share = Type.Number({ minimum: 0, maximum: 1 })
const Count = Type.Integer({ minimum: 0 })
const Name = Type.String({ maxLength: 200 })
/** The middle 95 % of bootstrap resamples. */
const Interval = Type.Tuple([Share, Share])

export const ReliabilityBin = Type.Object({ from: Share, to: Share, count: Count, confidence: Share, accuracy: Share }, strict)
export type ReliabilityBin = Static<typeof ReliabilityBin>

const sequenceScores = {
  /** Share of the cases where one of the first k candidates equals an accepted routing. */
  em1: Share,
  em3: Share,
  em5: Share,
  /** Mean over the cases of the share of their accepted routings that stand among the first five. */
  coverage5: Share,
  /** Mean reciprocal rank of the first accepted candidate. */
  mrr: Share,
  /** 1 − distance ÷ longer length, first candidate against the nearest accepted routing. */
  levenshtein: Share,
  /** F1 of the operations as multisets. */
  setF1: Share,
  /** Share of the pairs of common steps that stand in the other order. */
  orderErrors: Share,
}

/** What one would answer without the product, on the same cases. */
export const BaselineQuality = Type.Object({ name: Name, ...sequenceScores }, strict)

export const ProtocolQuality = Type.Object(
  {
    /** `item`, `family`, `blanked`, `blanked 10 %`, `unseen value`, a column. */
    name: Name,
    cases: Count,
    items: Count,
    /** Share of the known attributes that the questions left out, on average. */
    blanked: Share,
    ...sequenceScores,
    /** Like `levenshtein`, on (operation, resource); null without resources. */
    resourceLevenshtein: Nullable(Share),
    intervals: Type.Object({ em1: Interval, em5: Interval, levenshtein: Interval }, strict),
    /** Mean confidence of all answers. */
    confidence: Share,
    calibration: Type.Object({ ece: Share, bins: Type.Array(ReliabilityBin, { maxItems: 10 }) }, strict),
    abstention: Type.Object(
      { rate: Share, answered: Count, abstained: Count, em1Answered: Nullable(Share), em1Abstained: Nullable(Share) },
      strict,
    ),
    baselines: Type.Array(BaselineQuality, { maxItems: 5 }),
  },
  strict,
)
export type ProtocolQuality = Static<typeof ProtocolQuality>

/** Minutes; shares where it says so. */
export const TimeScores = Type.Object(
  {
    samples: Count,
    mae: Type.Number({ minimum: 0 }),
    /** Median of |error| ÷ actual over actual > 0; null without any. */
    mdape: Nullable(Type.Number({ minimum: 0 })),
    /** Mean of estimate − actual. */
    bias: Type.Number(),
    /** Share of actual times between p10 and p90; .8 is right. */
    coverage80: Share,
    pinball: Type.Object(
      { p10: Type.Number({ minimum: 0 }), p50: Type.Number({ minimum: 0 }), p90: Type.Number({ minimum: 0 }) },
      { ...strict, description: 'Mean pinball loss of each quantile; 0 is perfect' },
    ),
  },
  strict,
)
export type TimeScores = Static<typeof TimeScores>

export const TimeQuality = Type.Object(
  {
    kind: Name,
    predicted: TimeScores,
    /** The plain median of the operation on the same steps; its interval has no width. */
    median: Nullable(TimeScores),
    /** A sample of the cases, minutes: actual, p10, p50, p90. */
    points: Type.Array(Type.Tuple([Type.Number(), Type.Number(), Type.Number(), Type.Number()]), { maxItems: 300 }),
  },
  strict,
)
export type TimeQuality = Static<typeof TimeQuality>

/** Recall of the graph search against exact search, on queries that are not stored. */
export const RetrievalQuality = Type.Object(
  {
    queries: Count,
    curve: Type.Array(
      Type.Composite(
        [Type.Pick(RecallPoint, ['ef', 'recall10', 'recall50']), Type.Partial(Type.Omit(RecallPoint, ['ef', 'recall10', 'recall50']))],
        strict,
      ),
      { maxItems: 16 },
    ),
    /** preset@k → recall. */
    presets: Type.Record(Name, Share),
  },
  strict,
)
export type RetrievalQuality = Static<typeof RetrievalQuality>

/** What training chose, with what lost. */
export const Chosen = Type.Object(
  {
    voteExponent: Type.Number(),
    modelShare: Share,
    /** The shares where the nearest item is less similar than `below`; a habit share of null is the same as near. */
    far: Nullable(Type.Object({ below: Type.Number(), modelShare: Share, habitShare: Nullable(Share) }, strict)),
    habitShare: Share,
    similarityMin: Type.Number(),
    /** Exponents and shares with their EM@1 and EM@5, best first. */
    trials: Type.Array(Type.Object({ voteExponent: Type.Number(), modelShare: Share, em1: Share, em5: Share }, strict), {
      maxItems: 100,
    }),
    times: Type.Array(
      Type.Object(
        {
          kind: Name,
          method: Name,
          error: Type.Number(),
          lost: Type.Array(Type.Object({ method: Name, error: Type.Number() }, strict), { maxItems: 40 }),
        },
        strict,
      ),
      { maxItems: 16 },
    ),
    weights: Type.Array(
      Type.Object({ name: Name, prior: Type.Number(), learned: Type.Number(), importance: Nullable(Type.Number()) }, strict),
      { maxItems: 500 },
    ),
  },
  strict,
)
export type Chosen = Static<typeof Chosen>

export const QualityReport = Type.Object(
  {
    schema: Type.Literal(QUALITY_SCHEMA),
    measured: Type.Object(
      {
        /** `rehearsal`: the training's own held-out cases. `evaluation`: versions trained for nothing else. */
        by: Type.Unsafe<'rehearsal' | 'evaluation'>(Type.Union([Type.Literal('rehearsal'), Type.Literal('evaluation')])),
        mapping: Name,
        /** How to do it again; null where nobody typed a command. */
        command: Nullable(Type.String({ maxLength: 2_000 })),
        at: Nullable(Type.String({ description: 'ISO 8601, UTC' })),
        seed: Count,
        plantItems: Count,
        plantRoutings: Count,
        split: Name,
        folds: Count,
        /** How what is reported was kept from what was fitted. */
        calibration: Type.String({ maxLength: 500 }),
      },
      strict,
    ),
    /** The plain question first. */
    protocols: Type.Array(ProtocolQuality, { maxItems: 12 }),
    times: Type.Array(TimeQuality, { maxItems: 16 }),
    retrieval: Nullable(RetrievalQuality),
    chosen: Nullable(Chosen),
  },
  { ...strict, $id: 'QualityReport' },
)
export type QualityReport = Static<typeof QualityReport>

/** One figure of two versions. */
export const QualityDifference = Type.Object(
  {
    name: Name,
    a: Nullable(Type.Number()),
    b: Nullable(Type.Number()),
    better: Type.Unsafe<'a' | 'b' | null>(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Null()])),
  },
  strict,
)
export type QualityDifference = Static<typeof QualityDifference>

/** Version a beside version b. `worse`: a is outside of b's bootstrap interval, or its search misses too much. */
export const QualityComparison = Type.Object(
  {
    a: Type.String(),
    b: Type.String(),
    verdict: Type.Unsafe<'worse' | 'not worse' | 'unknown'>(
      Type.Union([Type.Literal('worse'), Type.Literal('not worse'), Type.Literal('unknown')]),
    ),
    reasons: Type.Array(Type.String(), { maxItems: 10 }),
    figures: Type.Array(QualityDifference, { maxItems: 60 }),
  },
  { ...strict, $id: 'QualityComparison' },
)
export type QualityComparison = Static<typeof QualityComparison>
