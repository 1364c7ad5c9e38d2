/** How far what is asked has moved away from what a version was trained on. */
import { type Static, Type } from '@sinclair/typebox'
import { Nullable } from './schema'

/** The usual bands of the population stability index: below .1 stable, to .25 watch, above shifted; `no_data`: too few requests, or none kept. */
export const DriftVerdict = Type.Union([Type.Literal('shifted'), Type.Literal('watch'), Type.Literal('stable'), Type.Literal('no_data')])
export type DriftVerdict = Static<typeof DriftVerdict>

/** A part of an attribute's values, and the share of items and of requests that have it. */
export const DriftMove = Type.Object({
  /** A single value; a range of numbers (`from` excluded, null without an end); no value; all the rest. */
  kind: Type.Union([Type.Literal('value'), Type.Literal('range'), Type.Literal('missing'), Type.Literal('other')]),
  value: Nullable(Type.String()),
  from: Nullable(Type.Number()),
  to: Nullable(Type.Number()),
  training: Type.Number(),
  requests: Type.Number(),
})
export type DriftMove = Static<typeof DriftMove>

export const AttributeDrift = Type.Object({
  attribute: Type.String(),
  kind: Type.Union([Type.Literal('number'), Type.Literal('category'), Type.Literal('code'), Type.Literal('text')]),
  verdict: DriftVerdict,
  /** Population stability index Σ (p − q) ln(p ÷ q) over parts of the values; null without data, as all figures here. */
  psi: Nullable(Type.Number()),
  /** What the index would be by chance alone with so few requests and items; the bands are about what lies above. */
  psiByChance: Nullable(Type.Number()),
  /** Largest distance of the cumulative shares (Kolmogorov-Smirnov) of known numbers, at the bins' ends; null for other kinds. */
  ks: Nullable(Type.Number()),
  /** Share of the known values that training never saw; for numbers outside of its range. Null where that cannot be said. */
  unseenShare: Nullable(Type.Number()),
  missingShare: Nullable(Type.Number()),
  missingShareTraining: Nullable(Type.Number()),
  /** What moved most, the greatest first. */
  moves: Type.Array(DriftMove, { maxItems: 3 }),
})
export type AttributeDrift = Static<typeof AttributeDrift>

export const DriftReport = Type.Object(
  {
    version: Type.String(),
    since: Type.String({ description: 'ISO 8601, UTC, a full hour' }),
    /** Predictions that were counted since; what is still on its way to the database (about a second) is not among them. */
    requests: Type.Integer(),
    /** Fewer requests than this are no data. */
    requestsMin: Type.Integer(),
    /** The worst of the attributes. */
    verdict: DriftVerdict,
    /** Why there is no data; null otherwise. */
    reason: Nullable(Type.Union([Type.Literal('few_requests'), Type.Literal('no_marginals')])),
    /** The most drifted first. */
    attributes: Type.Array(AttributeDrift),
  },
  { $id: 'DriftReport' },
)
export type DriftReport = Static<typeof DriftReport>
