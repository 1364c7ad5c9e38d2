/** Which items may be neighbours, as a request says it, and what an answer tells of it. */
import { type Static, Type } from '@sinclair/typebox'
import { limits } from './limits'
import { Nullable } from './schema'

const Value = Type.String({ maxLength: limits.filterValueCharactersMax })

/** Category of the mapping (or `family`) → the value that an item must have, or any of several; '' is an item without a value. */
export const ItemFilter = Type.Record(
  Type.String({ maxLength: 256 }),
  Type.Union([Value, Type.Array(Value, { minItems: 1, maxItems: limits.filterValuesMax })]),
  {
    maxProperties: limits.filterAttributesMax,
    description:
      'Category of the mapping, or `family` → the value that an item must have, or any of several; "" is an item without a value. Only items that meet every condition are neighbours and evidence',
  },
)
export type ItemFilter = Static<typeof ItemFilter>

/**
 * How the neighbours were found. walk: in the graph; filtered: in the graph, keeping what the filter leaves; scan: every vector, or
 * every one that the filter leaves, was looked at.
 */
export const SearchPath = Type.Union([Type.Literal('walk'), Type.Literal('filtered'), Type.Literal('scan')])
export type SearchPath = Static<typeof SearchPath>

export const searchToldFields = {
  searchPath: SearchPath,
  /** Items that the filter leaves; null without a filter. */
  allowedItems: Nullable(Type.Integer()),
}
