/** What lies in a version's folder: `manifest.json`. Written last, its hash stands in the registry. */
import { type Static, Type } from '@sinclair/typebox'
import { RecallCurve } from './recall'
import { strict } from './schema'

export const MANIFEST_SCHEMA = 'routewright.manifest/1'
/** `YYYY.MM.DD_build`. */
export const versionPattern = '^\\d{4}\\.\\d{2}\\.\\d{2}_[A-Za-z0-9-]{1,32}$'

export const ManifestFile = Type.Object(
  { sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }), bytes: Type.Integer({ minimum: 0 }), optional: Type.Optional(Type.Boolean()) },
  strict,
)
/** The part of the manifest that training knows; publishing adds schema, version, time and files. */
export const ManifestBody = Type.Object(
  {
    counts: Type.Object(
      {
        items: Type.Integer({ minimum: 0 }),
        /** Distinct vectors in the index; items with equal attributes share one. */
        vectors: Type.Integer({ minimum: 0 }),
        routings: Type.Integer({ minimum: 0 }),
        operations: Type.Integer({ minimum: 0, description: 'Routing steps' }),
        results: Type.Integer({ minimum: 0 }),
      },
      strict,
    ),
    dimensions: Type.Integer({ minimum: 1 }),
    metric: Type.Literal('cosine'),
    scalar: Type.String({ description: 'Element type inside the graph: int8' }),
    index: Type.Object({ connectivity: Type.Integer(), expansionAdd: Type.Integer() }, strict),
    /** recall@k of the index against exact search, measured at training: preset → value. */
    recall: Type.Record(Type.String(), Type.Number()),
    /** Absent: never measured, and no recall is promised but by reading every vector. */
    recallCurve: Type.Optional(RecallCurve),
    mapping: Type.Object({ name: Type.String(), sha256: Type.String() }, strict),
    runtime: Type.Record(Type.String(), Type.String()),
    parameters: Type.Record(Type.String(), Type.Unknown()),
    notes: Type.Optional(Type.String({ maxLength: 2_000 })),
  },
  strict,
)
export type ManifestBody = Static<typeof ManifestBody>

export const Manifest = Type.Composite(
  [
    Type.Object({
      schema: Type.Literal(MANIFEST_SCHEMA),
      version: Type.String({ pattern: versionPattern }),
      createdAt: Type.String(),
      files: Type.Record(Type.String({ pattern: '^[A-Za-z0-9_.-]{1,128}$' }), ManifestFile),
    }),
    ManifestBody,
  ],
  { ...strict, $id: 'Manifest' },
)
export type Manifest = Static<typeof Manifest>
