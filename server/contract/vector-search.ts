/** The nearest stored vectors of a vector that the asker has encoded: what answers beneath every prediction, by itself. */
import { type Static, Type } from '@sinclair/typebox'
import { limits } from './limits'
import { RecallTarget, SearchRecall } from './recall'
import { strict } from './schema'

const configured = 'Absent: as configured (`/api/v1/config`)'
const options = {
  k: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: limits.vectorSearchMax,
      description: 'How many vectors. Absent: as many as similar items are configured',
    }),
  ),
  efSearch: Type.Optional(Type.Integer({ minimum: limits.efSearchMin, maximum: limits.efSearchMax, description: configured })),
  /** In place of `efSearch`; both are `bad_request`. */
  recall: Type.Optional(RecallTarget),
}

export const VectorSearchRequest = Type.Object(
  {
    /** Of any length but 0: the angle counts. */
    vector: Type.Optional(
      Type.Union(
        [Type.Array(Type.Number(), { maxItems: limits.vectorDimensionsMax }), Type.String({ maxLength: limits.vectorBase64CharactersMax })],
        {
          description:
            'As many numbers as the active version has dimensions, or their base64 as little-endian f32. Absent only where the body is those bytes (application/octet-stream)',
        },
      ),
    ),
    ...options,
  },
  { ...strict, $id: 'VectorSearchRequest' },
)
export type VectorSearchRequest = Static<typeof VectorSearchRequest>

/** Lists of one length, the nearest first; equal scores in the order of their keys. */
export const VectorSearchResult = Type.Object(
  {
    keys: Type.Array(Type.Integer({ minimum: 0 }), { description: "Rows of the version's vectors, nearest first" }),
    scores: Type.Array(Type.Number(), { description: 'Cosine with the query, −1 to 1' }),
    items: Type.Array(Type.String(), { description: 'The first item that has the vector' }),
    itemCounts: Type.Array(Type.Integer({ minimum: 1 }), { description: 'How many items have it' }),
    version: Type.String(),
    epoch: Type.Integer({ description: 'Grows by one with each switch of versions' }),
    configRev: Type.Integer({ description: 'Revision of the configuration that it was made with; 0 is the defaults' }),
    efSearch: Type.Integer({ description: 'Breadth of the graph walk; the number of all vectors where each was read' }),
    recall: SearchRecall,
    timingsMs: Type.Object({ search: Type.Number(), total: Type.Number() }),
  },
  { $id: 'VectorSearchResult' },
)
export type VectorSearchResult = Static<typeof VectorSearchResult>
