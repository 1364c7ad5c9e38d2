/**
 * What operators tune while the server runs. One document, revision 0 is the defaults; it is live in every worker within 100 ms
 * and stands in every answer as `configRev`. A request's own options win over it.
 */
import { type Static, Type } from '@sinclair/typebox'
import { DocumentRevision, ValueChange } from './document'
import { efSearchPresets, limits } from './limits'
import { RecallTarget } from './recall'
import { strict } from './schema'
import { TimeStrategy } from './time-strategy'

export const RuntimeConfig = Type.Object(
  {
    search: Type.Object(
      {
        efSearch: Type.Integer({ minimum: limits.efSearchMin, maximum: limits.efSearchMax, default: efSearchPresets.standard }),
        /** In place of efSearch; null: efSearch counts. A request that names efSearch or recall wins over both. */
        recall: Type.Union([RecallTarget, Type.Null()], { default: null }),
        topK: Type.Integer({ minimum: limits.topKMin, maximum: limits.topKMax, default: limits.topKDefault }),
        /** Neighbours less similar than this are no evidence; 0 keeps all. */
        similarityMin: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
        /** Factors on the learned weights, attribute → 0 to 4; 1 where absent. Unknown names are kept and ignored: versions differ. */
        weights: Type.Record(Type.String({ maxLength: 64 }), Type.Number({ minimum: 0, maximum: 4 }), {
          maxProperties: limits.attributesMax,
          default: {},
        }),
      },
      { ...strict, default: {} },
    ),
    candidates: Type.Object(
      {
        count: Type.Integer({ minimum: limits.candidatesMin, maximum: limits.candidatesMax, default: limits.candidatesDefault }),
        groupExpansion: Type.Integer({ minimum: 0, maximum: limits.groupExpansionMax, default: 0 }),
        /** Below this confidence an answer abstains, on top of the limit that training found; 0 leaves it to training. */
        confidenceMin: Type.Number({ minimum: 0, maximum: 1, default: 0 }),
      },
      { ...strict, default: {} },
    ),
    times: Type.Object({ strategy: Type.Required(TimeStrategy, { default: {} }) }, { ...strict, default: {} }),
    cache: Type.Object(
      {
        /** Answers kept per worker; 0 keeps none. The bytes are the harder bound. */
        answersMax: Type.Integer({ minimum: 0, maximum: limits.vectorCacheEntriesMax, default: 5_000 }),
        answerBytesMax: Type.Integer({ minimum: 0, maximum: 1_000_000_000, default: 64_000_000 }),
        /** Pages of items, forms and time summaries kept per worker. */
        tablesMax: Type.Integer({ minimum: 0, maximum: 10_000, default: 1_000 }),
      },
      { ...strict, default: {} },
    ),
    log: Type.Object(
      {
        /** Requests slower than this are kept with their stages, ms. */
        slowMs: Type.Number({ minimum: 1, maximum: 60_000, default: 100 }),
      },
      { ...strict, default: {} },
    ),
    sessions: Type.Object(
      {
        /** Open sessions a person may have; the oldest ends. 0: no limit. */
        perUserMax: Type.Integer({ minimum: 0, maximum: 100, default: 0 }),
      },
      { ...strict, default: {} },
    ),
  },
  { ...strict, $id: 'RuntimeConfig' },
)
export type RuntimeConfig = Static<typeof RuntimeConfig>

/** The valid configuration. `revision` is the ETag. */
export const CurrentConfig = Type.Object(
  {
    revision: Type.Integer(),
    sha256: Type.String(),
    config: RuntimeConfig,
    defaults: RuntimeConfig,
    changed: Type.Array(ValueChange, { description: 'Against the defaults' }),
  },
  { $id: 'CurrentConfig' },
)
export type CurrentConfig = Static<typeof CurrentConfig>

/** JSON merge patch (RFC 7396) on the configuration: what it names is set, null brings the default back. The result is checked as a whole. */
export const RuntimeConfigPatch = Type.Record(Type.String(), Type.Unknown(), {
  $id: 'RuntimeConfigPatch',
  examples: [{ search: { efSearch: efSearchPresets.conservative } }],
})
export const RevertRequest = Type.Object(
  {
    /** 0 is the defaults. */
    revision: Type.Integer({ minimum: 0, maximum: 1_000_000_000 }),
    note: Type.Optional(Type.String({ maxLength: limits.noteCharactersMax })),
  },
  { ...strict, $id: 'RevertRequest' },
)
export type RevertRequest = Static<typeof RevertRequest>

/** One revision as a whole. `head` is null for revision 0, the defaults. */
export const ConfigRevision = Type.Object(
  { ...CurrentConfig.properties, head: Type.Union([DocumentRevision, Type.Null()]) },
  { $id: 'ConfigRevision' },
)
export type ConfigRevision = Static<typeof ConfigRevision>

export const ConfigHistory = Type.Object(
  { revisions: Type.Array(DocumentRevision, { maxItems: 200, description: 'The newest first' }) },
  { $id: 'ConfigHistory' },
)
export type ConfigHistory = Static<typeof ConfigHistory>
export const ConfigDiff = Type.Object({ from: Type.Integer(), to: Type.Integer(), changes: Type.Array(ValueChange) }, { $id: 'ConfigDiff' })
export type ConfigDiff = Static<typeof ConfigDiff>

/** A preset of ef_search with what was measured for the version that serves; null where it was not. */
export const ConfigPreset = Type.Object({
  name: Type.String(),
  efSearch: Type.Integer(),
  recallAt10: Type.Union([Type.Number(), Type.Null()]),
  recallAt50: Type.Union([Type.Number(), Type.Null()]),
})
/** A recall to ask for, under the configured number of similar items. */
export const RecallChoice = Type.Object({
  recall: Type.Number(),
  /** The breadth that keeps it; null: every vector is read. */
  efSearch: Type.Union([Type.Integer(), Type.Null()]),
})
export type RecallChoice = Static<typeof RecallChoice>
export const ConfigPresets = Type.Object(
  {
    version: Type.Union([Type.String(), Type.Null()]),
    presets: Type.Array(ConfigPreset),
    targets: Type.Array(RecallChoice),
    /** Whether the recall of the version that serves was measured: without, every target is kept by reading every vector. */
    measured: Type.Boolean(),
  },
  { $id: 'ConfigPresets' },
)
export type ConfigPresets = Static<typeof ConfigPresets>
