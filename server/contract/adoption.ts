/** What became of proposals: the routing that a person saved from one, and what the saved ones say together. */
import { type Static, Type } from '@sinclair/typebox'
import { limits } from './limits'
import { Nullable, strict } from './schema'

const Count = Type.Integer({ minimum: 0 })
/** No control characters: the texts stand in tables and logs. */
const shownText = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' })

export const SavedStep = Type.Object(
  {
    operation: shownText(256),
    /** Absent or null: not said. */
    resource: Type.Optional(Nullable(shownText(256))),
    setupMinutes: Type.Optional(Nullable(Type.Number({ minimum: 0 }))),
    runMinutes: Type.Optional(Nullable(Type.Number({ minimum: 0 }))),
  },
  strict,
)
export type SavedStep = Static<typeof SavedStep>

/** This is what was saved from that proposal. */
export const AdoptionRequest = Type.Object(
  {
    /** `id` of the prediction. */
    proposal: shownText(64),
    /** `id` of the candidate that was taken; null when it was written without one: it is then compared with the first. */
    candidate: Nullable(Type.String({ minLength: 1, maxLength: 600 })),
    routing: Type.Object({ steps: Type.Array(SavedStep, { minItems: 1, maxItems: limits.stepsPerRoutingMax }) }, strict),
    /** For whom a machine saves it. A person's own name stands in its place. */
    by: Type.Optional(shownText(limits.nameCharactersMax)),
  },
  { ...strict, $id: 'AdoptionRequest' },
)
export type AdoptionRequest = Static<typeof AdoptionRequest>

/** A saved routing beside the candidate that it came from. Steps are the same by operation and occurrence: the second F40 is the second F40. */
export const RoutingChange = Type.Object({
  /** Same operations in the same order. */
  exact: Type.Boolean(),
  /** Levenshtein on operations. */
  editDistance: Count,
  /** Levenshtein on (operation, resource); null when the proposal or the saved routing names no resource. */
  editDistanceWithResources: Nullable(Count),
  proposedSteps: Count,
  savedSteps: Count,
  kept: Count,
  added: Count,
  removed: Count,
  /** Fewest kept steps that must change their place. */
  moved: Count,
  /** kept ÷ proposed; null when nothing was proposed. */
  keptShare: Nullable(Type.Number()),
})
export type RoutingChange = Static<typeof RoutingChange>

export const Adoption = Type.Object(
  {
    proposal: Type.String(),
    /** From 1; a routing that is saved again is a new one, and the newest counts. */
    revision: Type.Integer({ minimum: 1 }),
    at: Type.String({ description: 'ISO 8601, UTC' }),
    /** Of the proposal. */
    version: Type.String(),
    candidate: Nullable(Type.String()),
    /** Place of the candidate in the proposal, from 1; null without one. */
    rank: Nullable(Type.Integer({ minimum: 1 })),
    ...RoutingChange.properties,
    /** The saved operations are those of the first candidate: what its confidence is the probability of. */
    firstExact: Type.Boolean(),
  },
  { $id: 'Adoption' },
)
export type Adoption = Static<typeof Adoption>

/** Null is no data, never zero. */
const figures = {
  saved: Count,
  /** Saved with exactly the operations of the candidate that was taken. */
  exactShare: Nullable(Type.Number()),
  /** … of the first candidate. */
  firstExactShare: Nullable(Type.Number()),
  meanEditDistance: Nullable(Type.Number()),
  /** Steps kept ÷ steps proposed, over all. */
  adoptionShare: Nullable(Type.Number()),
}
export const AdoptionFigures = Type.Object(figures)
export type AdoptionFigures = Static<typeof AdoptionFigures>

/** Saved proposals of like confidence: `confidence` is what was promised, `firstExactShare` what came. */
export const AdoptionBand = Type.Object({ from: Type.Number(), to: Type.Number(), confidence: Nullable(Type.Number()), ...figures })
export type AdoptionBand = Static<typeof AdoptionBand>

export const AdoptionReport = Type.Object(
  {
    since: Type.String({ description: 'First day, YYYY-MM-DD, UTC' }),
    version: Nullable(Type.String({ description: 'Null: of all versions' })),
    total: AdoptionFigures,
    /** Every day, the oldest first. */
    days: Type.Array(Type.Object({ day: Type.String(), ...figures })),
    /** Ten bands of confidence. */
    bands: Type.Array(AdoptionBand),
    /** Mean |confidence − share right| of the bands, weighted by their counts; null without any. */
    calibrationError: Nullable(Type.Number()),
  },
  { $id: 'AdoptionReport' },
)
export type AdoptionReport = Static<typeof AdoptionReport>
