/** What a prediction is asked with and what it answers: the shape is shared by the API, the CLI and the screens. */
import { type Static, Type } from '@sinclair/typebox'
import { ItemFilter, searchToldFields } from './item-filter'
import { LeadTime } from './lead-time'
import { limits } from './limits'
import { RecallTarget, SearchRecall } from './recall'
import { Nullable, strict } from './schema'
import { StandardRouting } from './standard-routing'
import { TimeEstimate } from './time-estimate'
import { RequestedTimes } from './time-strategy'

export const AttributeValue = Type.Union([
  Type.String({ maxLength: limits.attributeTextCharactersMax }),
  Type.Number(),
  Type.Boolean(),
  Type.Null(),
])
/** Attribute name (of the active mapping) → value; null and '' mean unknown. */
export const Attributes = Type.Record(Type.String({ maxLength: 256 }), AttributeValue, { maxProperties: limits.attributesMax })
export type Attributes = Static<typeof Attributes>

const queryFields = {
  /** Key of an item that the version knows: its attributes are the query. With `attributes` beside it, these win. */
  item: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  attributes: Type.Optional(Attributes),
}
/** Without a default here: it would be filled in before anybody could see that the configuration decides. */
const configured = 'Absent: as configured (`/api/v1/config`)'
const searchFields = {
  topK: Type.Optional(Type.Integer({ minimum: limits.topKMin, maximum: limits.topKMax, title: 'Similar items', description: configured })),
  efSearch: Type.Optional(
    Type.Integer({ minimum: limits.efSearchMin, maximum: limits.efSearchMax, title: 'ef_search', description: configured }),
  ),
  /** In place of `efSearch`; both are `bad_request`. */
  recall: Type.Optional(RecallTarget),
  /**
   * Leaves the item's own routings and times out of neighbours and evidence. What training learned of the whole plant (the learned
   * model of operations, time profiles, weights) has seen the item like any other and is not taken back: such an answer is a little
   * better than one for a part that was never made. How good those are is measured on held-out items only.
   */
  ignoreOwnHistory: Type.Optional(Type.Boolean({ default: false })),
  /** Keys of items that are no evidence for this answer: neither neighbours nor samples of times. Unknown keys are ignored. */
  without: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: limits.withoutMax })),
  /** Items that it does not leave are no neighbours and no evidence. A filter that leaves nothing makes an empty answer with a warning. */
  filter: Type.Optional(ItemFilter),
  /** Attribute name → factor on its weight, 0 to 4; absent ones are as configured, else 1. Applied to the query at once, without a rebuild. */
  weights: Type.Optional(
    Type.Record(Type.String({ maxLength: 256 }), Type.Number({ minimum: 0, maximum: 4 }), { maxProperties: limits.attributesMax }),
  ),
}

const draftFields = {
  candidates: Type.Optional(
    Type.Integer({
      minimum: limits.candidatesMin,
      maximum: limits.candidatesMax,
      title: 'Candidates',
      description: configured,
    }),
  ),
  /** Up to so many more routings, from the groups (family, signature) that the neighbours belong to; they follow the candidates. */
  groupExpansion: Type.Optional(
    Type.Integer({ minimum: 0, maximum: limits.groupExpansionMax, title: 'Group expansion', description: configured }),
  ),
  /** Pieces of one lot: each candidate's lead time is for it. */
  lot: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.lotMax, default: 1, title: 'Lot' })),
  timeStrategy: Type.Optional(RequestedTimes),
}

export const PredictRequest = Type.Object({ ...queryFields, ...searchFields, ...draftFields }, { ...strict, $id: 'PredictRequest' })
export type PredictRequest = Static<typeof PredictRequest>

export const PredictBatchRequest = Type.Object(
  {
    items: Type.Array(Type.Object(queryFields, strict), { minItems: 1, maxItems: limits.batchItemsMax }),
    ...searchFields,
    ...draftFields,
  },
  { ...strict, $id: 'PredictBatchRequest' },
)
export type PredictBatchRequest = Static<typeof PredictBatchRequest>

export const SimilarRequest = Type.Object({ ...queryFields, ...searchFields }, { ...strict, $id: 'SimilarRequest' })
export type SimilarRequest = Static<typeof SimilarRequest>

export const StepAlternative = Type.Object({
  resource: Type.String(),
  resourceName: Nullable(Type.String()),
  /** Share of the evidence that used it, 0 to 1. */
  support: Type.Number(),
  /** true in-house, false outsourced, null when the plant's data does not say. */
  inside: Nullable(Type.Boolean()),
})
export type StepAlternative = Static<typeof StepAlternative>

export const Step = Type.Object(
  {
    /** 10, 20, 30 … */
    sequence: Type.Integer(),
    operation: Type.String(),
    operationName: Nullable(Type.String()),
    resource: Nullable(Type.String()),
    resourceName: Nullable(Type.String()),
    workCentre: Nullable(Type.String()),
    alternatives: Type.Array(StepAlternative, { maxItems: limits.stepAlternativesMax }),
    /** true in-house, false outsourced, null when the plant's data does not say. */
    inside: Nullable(Type.Boolean()),
    /** true when the step runs once for a whole lot, null when the plant's data does not say. */
    batch: Nullable(Type.Boolean()),
    partner: Nullable(Type.String()),
    leadTimeDays: Nullable(Type.Number()),
    setupMinutes: Nullable(TimeEstimate),
    runMinutes: Nullable(TimeEstimate),
    queueMinutes: Nullable(TimeEstimate),
    waitMinutes: Nullable(TimeEstimate),
    moveMinutes: Nullable(TimeEstimate),
    /** From work results (basis `actual`); null without. */
    actualSetupMinutes: Nullable(TimeEstimate),
    actualRunMinutes: Nullable(TimeEstimate),
    /** Share of the similarity-weighted neighbours that have this operation, 0 to 1. */
    support: Type.Number(),
    /** Keys of neighbours that have this operation, best first. */
    sources: Type.Array(Type.String(), { maxItems: limits.stepSourcesMax }),
  },
  { $id: 'Step' },
)
export type Step = Static<typeof Step>

/**
 * composed: by the learned model, or by both; neighbour: a similar item's routing; own: the item's own; group: from a group that
 * the neighbours belong to; rule: a standard routing of the plant, by the item's attributes.
 */
export const CandidateKind = Type.Union([
  Type.Literal('composed'),
  Type.Literal('neighbour'),
  Type.Literal('own'),
  Type.Literal('group'),
  Type.Literal('rule'),
])
export type CandidateKind = Static<typeof CandidateKind>

export const Candidate = Type.Object(
  {
    /** `item/routing` of the source, `composed/n`, or `rule/code`. */
    id: Type.String(),
    kind: CandidateKind,
    /**
     * Probability that this is the routing, among all routings, 0 to 1. Of kind `group` an estimate on a scale of its own: over the
     * groups of the neighbours, the mean share of members that are made so, weighed by the neighbours' say; not calibrated.
     */
    probability: Type.Number(),
    /** The nearest real routing with exactly these operations; null when nobody has made it so yet. */
    source: Nullable(Type.Object({ item: Type.String(), routing: Type.String(), similarity: Type.Number() })),
    /** Operation codes in order, joined by '+'. */
    signature: Type.String(),
    /** How many of the similar items have exactly this signature. */
    sameSignature: Type.Integer(),
    steps: Type.Array(Step, { maxItems: limits.stepsPerRoutingMax }),
    /** Sum over in-house steps of set-up, and of run for one piece, p50; null without times. */
    totalSetupMinutes: Nullable(Type.Number()),
    totalRunMinutes: Nullable(Type.Number()),
    /** Null without any time. */
    leadTime: Nullable(LeadTime),
    /** Null where no rule leads to these operations. */
    standardRouting: Nullable(StandardRouting),
  },
  { $id: 'Candidate' },
)
export type Candidate = Static<typeof Candidate>

/** One attribute's part in a similarity: shares of all attributes sum to the similarity. */
export const Reason = Type.Object({
  attribute: Type.String(),
  share: Type.Number(),
  query: Nullable(Type.Union([Type.String(), Type.Number()])),
  neighbour: Nullable(Type.Union([Type.String(), Type.Number()])),
})
export type Reason = Static<typeof Reason>

export const Neighbour = Type.Object(
  {
    item: Type.String(),
    title: Nullable(Type.String()),
    family: Nullable(Type.String()),
    /** Weighted cosine similarity, 1 for an item with the same attributes. */
    similarity: Type.Number(),
    routings: Type.Integer(),
    signature: Nullable(Type.String({ description: 'Of its main routing' })),
    reasons: Type.Array(Reason, { maxItems: limits.neighbourReasonsMax }),
  },
  { $id: 'Neighbour' },
)
export type Neighbour = Static<typeof Neighbour>

export const WarningCode = Type.Union([
  Type.Literal('unseen_value'),
  Type.Literal('out_of_range'),
  Type.Literal('attribute_ignored'),
  Type.Literal('unit_unknown'),
  Type.Literal('few_attributes'),
  Type.Literal('filter_empty'),
])
export const Warning = Type.Object({ code: WarningCode, attribute: Type.String(), message: Type.String() })
export type Warning = Static<typeof Warning>

/** Stage → milliseconds. */
export const Timings = Type.Object({
  encode: Type.Number(),
  search: Type.Number(),
  compose: Type.Number(),
  times: Type.Number(),
  total: Type.Number(),
})
export type Timings = Static<typeof Timings>

/** The grounds of a confidence as data, for screens that put them into words of their own. */
export const Grounds = Type.Object({
  code: Type.Union([
    Type.Literal('own_history'),
    Type.Literal('agreement'),
    Type.Literal('mixed'),
    Type.Literal('model_only'),
    Type.Literal('nothing_near'),
    Type.Literal('no_attributes'),
  ]),
  /** Similar items looked at, and how many of them have exactly the first candidate's operations. */
  neighbours: Type.Integer(),
  same: Type.Integer(),
  /** Similarity of the nearest one, 0 to 1. */
  nearest: Type.Number(),
  /**
   * Keys of up to three neighbours (the item itself where its history counts) without which the first candidate would be another:
   * asked again with them in `without`, the answer changes. Empty when it stands without them.
   */
  decisive: Type.Array(Type.String(), { maxItems: limits.decisiveMax }),
  /** What would be another: the operations, or only the resources that they run on. Absent when `decisive` is empty. */
  decisiveFor: Type.Optional(Type.Union([Type.Literal('operations'), Type.Literal('resources')])),
  /** Code of the standard routing that comes first, because nothing near is known or its rule is clearly surer; null otherwise. */
  standardRouting: Nullable(Type.String()),
  /** The similarity that the configuration asks for and no item reaches; absent otherwise. */
  similarityMin: Type.Optional(Type.Number()),
  /** The confidence that the configuration asks for and the answer does not reach: it abstains. Absent otherwise. */
  confidenceMin: Type.Optional(Type.Number()),
})
export type Grounds = Static<typeof Grounds>

export const Prediction = Type.Object(
  {
    /** Of this proposal: a routing that is saved from it names it. */
    id: Type.String(),
    item: Nullable(Type.String()),
    /** Probability that the first candidate needs no edit, 0 to 1. */
    confidence: Type.Number(),
    /** True when nothing near enough is known; the candidates are then guesses or empty. */
    abstained: Type.Boolean(),
    /** Readable grounds of the confidence. */
    reason: Type.String(),
    grounds: Grounds,
    candidates: Type.Array(Candidate, { maxItems: limits.candidatesMax + limits.groupExpansionMax }),
    neighbours: Type.Array(Neighbour, { maxItems: limits.topKMax }),
    warnings: Type.Array(Warning, { maxItems: 100 }),
    version: Type.String(),
    epoch: Type.Integer(),
    /** Revision of the configuration that it was made with; 0 is the defaults. */
    configRev: Type.Integer(),
    /** Breadth of the graph walk; the number of all vectors where each was read. */
    efSearch: Type.Integer(),
    recall: SearchRecall,
    ...searchToldFields,
    timingsMs: Timings,
  },
  { $id: 'Prediction' },
)
export type Prediction = Static<typeof Prediction>

export const Similar = Type.Object(
  {
    item: Nullable(Type.String()),
    neighbours: Type.Array(Neighbour),
    warnings: Type.Array(Warning),
    version: Type.String(),
    epoch: Type.Integer(),
    /** Revision of the configuration that it was made with; 0 is the defaults. */
    configRev: Type.Integer(),
    /** Breadth of the graph walk; the number of all vectors where each was read. */
    efSearch: Type.Integer(),
    recall: SearchRecall,
    ...searchToldFields,
  },
  { $id: 'Similar' },
)
export type Similar = Static<typeof Similar>

/** One line of a batch answer: a prediction, or the problem of this one item. */
export const BatchLine = Type.Union([
  Type.Object({ index: Type.Integer(), prediction: Prediction }),
  Type.Object({ index: Type.Integer(), problem: Type.Object({ code: Type.String(), message: Type.String() }) }),
])
export type BatchLine = Static<typeof BatchLine>
