/** How many of the truly nearest a search finds: as a version's training measured it, as a request asks for it, as an answer tells it. */
import { type Static, Type } from '@sinclair/typebox'
import { limits } from './limits'
import { Nullable, strict } from './schema'

const Share = Type.Number({ minimum: 0, maximum: 1 })

/** The breadths of `ef` that training tries; the presets are among them. */
export const recallBreadths = [16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024] as const

/** One breadth. `recall…` and `low…` never fall as ef grows; `measured…` is the plain mean over the questions. */
export const RecallPoint = Type.Object(
  {
    ef: Type.Integer({ minimum: 1 }),
    recall10: Share,
    recall50: Share,
    measured10: Share,
    measured50: Share,
    /** Below these the true recall is with a probability of 5 % at most. */
    low10: Share,
    low50: Share,
  },
  strict,
)
export type RecallPoint = Static<typeof RecallPoint>

/** Of the manifest: the index against exact search, on questions that are not stored in it. */
export const RecallCurve = Type.Object(
  {
    queries: Type.Integer({ minimum: 1 }),
    /** By ef, narrow before wide. */
    points: Type.Array(RecallPoint, { minItems: 1, maxItems: 16 }),
  },
  strict,
)
export type RecallCurve = Static<typeof RecallCurve>

/** In place of ef: the narrowest search whose recall is that much, by the lower bound of what was measured; else exact search. */
export const RecallTarget = Type.Number({
  minimum: limits.recallMin,
  maximum: limits.recallMax,
  title: 'Recall',
  description:
    'Share of the truly nearest to be found, in place of efSearch: the narrowest search that was measured to reach it, else every vector is read; 1 reads every vector',
})

/** What an answer says of its search. */
export const SearchRecall = Type.Object(
  {
    /** Share of the `k` truly nearest that is found on average, as measured for this version. Null: never measured, or not under such weights. */
    expected: Nullable(Share),
    k: Type.Integer(),
    /** The recall that was asked for, by the request or the configuration; null where ef was. */
    asked: Nullable(Share),
    /** Every vector was read; nothing is missed. */
    exact: Type.Boolean(),
  },
  { $id: 'SearchRecall' },
)
export type SearchRecall = Static<typeof SearchRecall>
