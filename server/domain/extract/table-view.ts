/**
 * The rows of one section of a mapping: filtered, exploded, joined, in this order. Columns are gathered only when asked for.
 * Filters on the section's own table come before the explosion, filters on a joined table after the joins.
 */
import type { Filter, Join } from '../../contract/mapping'
import { cleanText } from '../attribute-text'
import type { Column, TextColumn } from '../plant'
import { aliasOf, placeOf, type TableSpec } from './column-ref'
import { type Distinct, distinctOf, gathered, rowsWhere } from './distinct'
import { explodedRows } from './explosion'
import type { Findings } from './findings'
import { matchedRows } from './join'

/** A table as a source gives it: the columns asked for, all of `rows` rows. */
export interface Table {
  rows: number
  columns: ReadonlyMap<string, Column>
}

export interface TableView {
  table: string
  /** Rows of the view. */
  count: number
  /** Rows read: the table's own, where an exploded row counts as its parts. */
  read: number
  /** Rows left out by the mapping's filters. */
  filtered: number
  column(ref: string): Column
  distinct(ref: string): Distinct
  /** Number, from 1, of the table's row that a row of the view comes from. */
  rowNumber(row: number): number
}

const NO_ROW = 0xffffffff

/** Opens a section. `tables` has the section's table and the joined ones by alias, each with the columns that are needed. */
export function tableView(spec: TableSpec, own: Table, joinedTables: ReadonlyMap<string, Table>, findings: Findings): TableView {
  const joins = spec.joins ?? []
  const isOwn = (filter: Filter) => placeOf(filter.column, joins).alias === null
  const where = spec.where ?? []
  let view = plainView(spec.table, own)
  view = filtered(view, where.filter(isOwn))
  if (spec.explode !== undefined) view = exploded(view, placeOf(spec.explode.column, joins).column, spec.explode.separator)
  for (const join of joins) view = joined(view, join, joins, joinedTables.get(aliasOf(join))!, findings)
  return filtered(
    view,
    where.filter((filter) => !isOwn(filter)),
  )
}

function plainView(table: string, { rows, columns }: Table): TableView {
  const column = (ref: string) => columns.get(ref)!
  return {
    table,
    count: rows,
    read: rows,
    filtered: 0,
    column,
    distinct: (ref) => distinctOf(column(ref)),
    rowNumber: (row) => row + 1,
  }
}

/** The rows `rows` of a view, in that order; a row may come more than once. */
export function selectedView(view: TableView, rows: Uint32Array): TableView {
  return {
    ...view,
    count: rows.length,
    column: (ref) => gatheredColumn(view.column(ref), rows),
    distinct: (ref) => {
      const { codes, values } = view.distinct(ref)
      return { codes: gathered(codes, rows), values }
    },
    rowNumber: (row) => view.rowNumber(rows[row]!),
  }
}

/** Rows of a column; NO_ROW gives a missing value. */
function gatheredColumn(column: Column, rows: Uint32Array): Column {
  if (column.kind === 'text') {
    const codes = new Uint32Array(rows.length)
    for (let i = 0; i < rows.length; i++) codes[i] = rows[i] === NO_ROW ? 0 : column.codes[rows[i]!]!
    return { kind: 'text', codes, dictionary: column.dictionary }
  }
  const values = new Float64Array(rows.length)
  for (let i = 0; i < rows.length; i++) values[i] = rows[i] === NO_ROW ? Number.NaN : column.values[rows[i]!]!
  return { kind: 'number', values }
}

function filtered(view: TableView, filters: readonly Filter[]): TableView {
  if (filters.length === 0) return view
  const keep = new Uint8Array(view.count).fill(1)
  for (const filter of filters) {
    const { codes, values } = view.distinct(filter.column)
    const inside = filter.in && new Set(filter.in.map(cleanText))
    const outside = filter.notIn && new Set(filter.notIn.map(cleanText))
    const pass = Uint8Array.from(values, (value) => {
      const text = cleanText(value)
      return (inside?.has(text) ?? true) && !(outside?.has(text) ?? false) ? 1 : 0
    })
    for (let row = 0; row < codes.length; row++) keep[row]! &= pass[codes[row]!]!
  }
  const rows = rowsWhere(keep)
  return { ...selectedView(view, rows), filtered: view.filtered + view.count - rows.length }
}

function exploded(view: TableView, column: string, separator: string): TableView {
  const { rows, parts } = explodedRows(view.distinct(column), separator)
  return withColumns({ ...selectedView(view, rows), read: view.read + rows.length - view.count }, (ref) =>
    ref === column ? parts : undefined,
  )
}

function joined(view: TableView, join: Join, joins: readonly Join[], table: Table, findings: Findings): TableView {
  const alias = aliasOf(join)
  const other = plainView(join.table, table)
  const keys = join.on.map(({ left, right }) => ({ left: view.distinct(left), right: other.distinct(right) }))
  const { rows, unmatched } = matchedRows(keys, view.count, table.rows, NO_ROW)
  const first = keys[0]!.left
  for (let i = 0; i < unmatched.length; i++) {
    findings.add('join_unmatched', join.on[0]!.left, view.rowNumber(unmatched[i]!), first.values[first.codes[unmatched[i]!]!]!)
  }
  return withColumns(view, (ref) => {
    const place = placeOf(ref, joins)
    return place.alias === alias ? gatheredColumn(table.columns.get(place.column)!, rows) : undefined
  })
}

/** A view in which some columns come from elsewhere. */
function withColumns(view: TableView, more: (ref: string) => Column | TextColumn | undefined): TableView {
  return {
    ...view,
    column: (ref) => more(ref) ?? view.column(ref),
    distinct: (ref) => {
      const column = more(ref)
      return column === undefined ? view.distinct(ref) : distinctOf(column)
    },
  }
}
