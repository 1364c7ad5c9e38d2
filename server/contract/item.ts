/** A past item as the active version knows it, and the form that asks for a new one. */
import { type Static, Type } from '@sinclair/typebox'
import { AttributeValue } from './predict'
import { Nullable } from './schema'

const Minutes = Nullable(Type.Number())

export const ItemStep = Type.Object({
  sequence: Type.Integer(),
  operation: Type.String(),
  operationName: Nullable(Type.String()),
  resource: Nullable(Type.String()),
  inside: Nullable(Type.Boolean()),
  setupMinutes: Minutes,
  runMinutes: Minutes,
  queueMinutes: Minutes,
  waitMinutes: Minutes,
  moveMinutes: Minutes,
})
export const Item = Type.Object(
  {
    item: Type.String(),
    title: Nullable(Type.String()),
    family: Nullable(Type.String()),
    attributes: Type.Record(Type.String(), AttributeValue),
    routings: Type.Array(
      Type.Object({ routing: Type.String(), count: Type.Integer(), signature: Type.String(), steps: Type.Array(ItemStep) }),
    ),
    version: Type.String(),
  },
  { $id: 'Item' },
)
export type Item = Static<typeof Item>

/** A page of items: search by the start of the key or a part of the title. */
export const ItemList = Type.Object(
  {
    items: Type.Array(
      Type.Object({ item: Type.String(), title: Nullable(Type.String()), family: Nullable(Type.String()), routings: Type.Integer() }),
    ),
    version: Type.String(),
  },
  { $id: 'ItemList' },
)
export type ItemList = Static<typeof ItemList>

/** One field of the form made from the active version's mapping. */
export const FormField = Type.Object({
  name: Type.String(),
  label: Type.Object({ ko: Type.String(), en: Type.String() }),
  kind: Type.Union([Type.Literal('number'), Type.Literal('category'), Type.Literal('code'), Type.Literal('text')]),
  required: Type.Boolean(),
  weight: Type.Number(),
  unit: Nullable(Type.String()),
  /** Name of the attribute that carries the value's unit. */
  unitAttribute: Nullable(Type.String()),
  /** 5th, 50th and 95th percentile seen in training; null for other kinds. */
  quantiles: Nullable(Type.Array(Type.Number())),
  /** Share of the items that have a value, 0 to 1. */
  filled: Type.Number(),
  /** Most frequent values with their counts, at most 50. */
  values: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() })),
})
export type FormField = Static<typeof FormField>
export const Form = Type.Object(
  {
    version: Type.String(),
    mapping: Type.String(),
    items: Type.Integer(),
    fields: Type.Array(FormField),
    /** Most frequent families with their counts, at most 50: what a filter by `family` can name. Absent where the mapping has none. */
    families: Type.Optional(Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }))),
    example: Nullable(Type.String({ description: 'Key of an item to try' })),
  },
  { $id: 'Form' },
)
export type Form = Static<typeof Form>
