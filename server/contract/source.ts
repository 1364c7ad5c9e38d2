/** What a source holds: the answer of `source inspect`. */
import { type Static, Type } from '@sinclair/typebox'
import { Mapping } from './mapping'

export const ColumnType = Type.Union(
  ['text', 'integer', 'number', 'decimal', 'boolean', 'datetime', 'binary', 'json'].map((t) => Type.Literal(t as 'text')),
)
export const SourceColumn = Type.Object({
  name: Type.String(),
  type: Type.String({ description: 'text, integer, number, decimal, boolean, datetime, binary or json' }),
  /** What every value of a text column looks like: CSV cells are text until a mapping says otherwise. */
  looksLike: Type.Optional(Type.Union([Type.Literal('integer'), Type.Literal('number'), Type.Literal('datetime')])),
  /** Share of rows with null, '' or blanks, 0 to 1. */
  missing: Type.Number(),
  /** Distinct values among the rows looked at. */
  distinct: Type.Integer(),
  top: Type.Array(Type.Object({ value: Type.String(), count: Type.Integer() }), { maxItems: 10 }),
  /** Units found in the values or in the name: mm, inch, kg … */
  units: Type.Array(Type.String()),
  min: Type.Optional(Type.Number()),
  max: Type.Optional(Type.Number()),
  /** Why the column cannot be read; absent when it can. */
  unreadable: Type.Optional(Type.String()),
})
export type SourceColumn = Static<typeof SourceColumn>

export const SourceTable = Type.Object({
  name: Type.String(),
  /** null when the table cannot be read. */
  rows: Type.Union([Type.Integer(), Type.Null()]),
  columns: Type.Array(SourceColumn),
  /** Why the table cannot be read; absent when it can. */
  unreadable: Type.Optional(Type.String()),
  /** Rows that the columns' figures were taken from, where it is not all of them. */
  sampled: Type.Optional(Type.Integer()),
  /** What was found wrong with the rows read, counted. */
  notes: Type.Optional(Type.Array(Type.String())),
})
export type SourceTable = Static<typeof SourceTable>

export const SourceInspection = Type.Object({
  source: Type.String(),
  kind: Type.String({ description: 'access, csv, parquet, sqlite, xlsx, json, ndjson or folder' }),
  tables: Type.Array(SourceTable),
  /** A first mapping to edit; null when no item and routing table could be told. */
  mapping: Type.Union([Mapping, Type.Null()]),
  /** Why each part of the guess was made, in words. */
  mappingReasons: Type.Array(Type.String()),
  /** Files of a folder that are no part of the source, with the reason. */
  ignored: Type.Optional(Type.Array(Type.Object({ path: Type.String(), reason: Type.String() }))),
})
export type SourceInspection = Static<typeof SourceInspection>
