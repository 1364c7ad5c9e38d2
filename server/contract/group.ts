/** The groups of past items that an item's neighbours belong to. */
import { type Static, Type } from '@sinclair/typebox'
import { searchToldFields } from './item-filter'
import { limits } from './limits'
import { SimilarRequest, Warning } from './predict'
import { SearchRecall } from './recall'
import { Nullable } from './schema'

export const GroupRequest = Type.Object(
  {
    ...SimilarRequest.properties,
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.groupsMax, default: limits.groupsDefault, title: 'Groups' })),
  },
  { additionalProperties: false, $id: 'GroupRequest' },
)
export type GroupRequest = Static<typeof GroupRequest>

export const GroupMember = Type.Object({
  item: Type.String(),
  title: Nullable(Type.String()),
  similarity: Type.Number(),
})

export const Group = Type.Object(
  {
    /** family: the items that the plant says belong together; signature: those made by the same operations in the same order. */
    kind: Type.Union([Type.Literal('family'), Type.Literal('signature')]),
    /** The family, or the operation codes joined by '+'. */
    key: Type.String(),
    /** Items of the group that the version knows, without those left out. */
    members: Type.Integer(),
    /** How many of the similar items belong to it, and the share of their say that they have, 0 to 1. */
    neighbours: Type.Integer(),
    share: Type.Number(),
    /** Similarity of the nearest member among them. */
    nearest: Type.Number(),
    /** The routing that is made most often in the group; `share`: of its items. Null where none has a routing. */
    typical: Nullable(
      Type.Object({
        signature: Type.String(),
        share: Type.Number(),
        source: Type.Object({ item: Type.String(), routing: Type.String() }),
      }),
    ),
    /** The neighbours first, then others. */
    examples: Type.Array(GroupMember, { maxItems: limits.groupExamplesMax }),
  },
  { $id: 'Group' },
)
export type Group = Static<typeof Group>

export const Groups = Type.Object(
  {
    item: Nullable(Type.String()),
    /** By their share of the neighbours' say, largest first. */
    groups: Type.Array(Group, { maxItems: limits.groupsMax }),
    warnings: Type.Array(Warning),
    version: Type.String(),
    epoch: Type.Integer(),
    configRev: Type.Integer(),
    efSearch: Type.Integer(),
    recall: SearchRecall,
    ...searchToldFields,
  },
  { $id: 'Groups' },
)
export type Groups = Static<typeof Groups>
