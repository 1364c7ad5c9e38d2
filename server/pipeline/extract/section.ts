/** Reads the tables of one section of a mapping, and says where in the mapping a table or column is wrong. */

import { DomainError } from '../../domain/error'
import { aliasOf } from '../../domain/extract/column-ref'
import type { ColumnUse, SectionUse } from '../../domain/extract/column-use'
import { type Findings, findingsOf } from '../../domain/extract/findings'
import { isTable } from '../../domain/extract/table-names'
import { type Table, type TableView, tableView } from '../../domain/extract/table-view'
import type { Finding } from '../../domain/plant'
import type { Frame, Source, TableInfo } from '../../source/source'

/** What a union of tables adds: the name of the table that a row comes from. */
const unionColumn = '_table'

export interface Section {
  view: TableView
  findings: Findings
  /** What the adapter found in the joined tables. Their rows are looked up, not accounted for. */
  joinedFindings: Finding[]
}

/** Throws `table_unknown`, `column_unknown` and `source_unreadable`, whose details point into the mapping. */
export function checkSections(sections: readonly SectionUse[], tables: readonly TableInfo[]): void {
  for (const { name, spec, columns } of sections) {
    checkTable(spec.table, `/${name}/table`, columnsOf(columns, null), tables)
    for (const [at, join] of (spec.joins ?? []).entries()) {
      checkTable(join.table, `/${name}/joins/${at}/table`, columnsOf(columns, aliasOf(join)), tables)
    }
  }
}

const columnsOf = (columns: readonly ColumnUse[], alias: string | null) => columns.filter((column) => column.alias === alias)

function checkTable(name: string, path: string, columns: readonly ColumnUse[], tables: readonly TableInfo[]): void {
  const found = tables.filter((table) => isTable(name, table.name))
  if (found.length === 0) {
    throw new DomainError('table_unknown', `The source has no table ${name}`, {
      details: [{ path, message: `tables are: ${listed(tables.map((table) => table.name))}` }],
    })
  }
  for (const { unreadable } of found) {
    if (unreadable !== undefined) {
      throw new DomainError('source_unreadable', `The table ${name} cannot be read`, { details: [{ path, message: unreadable }] })
    }
  }
  const known = new Map(found.flatMap((table) => table.columns).map((column) => [column.name, column]))
  if (name.includes('*')) known.set(unionColumn, { name: unionColumn, type: 'text' })
  const wrong = columns.filter(({ column }) => !known.has(column))
  if (wrong.length > 0) {
    const message = `columns of ${name} are: ${listed([...known.keys()])}`
    throw new DomainError('column_unknown', `The table ${name} has no column ${wrong[0]!.column}`, {
      details: wrong.slice(0, 50).map(({ path: place, column }) => ({ path: place, message: `no column ${column}; ${message}` })),
    })
  }
  const closed = columns.filter(({ column }) => known.get(column)!.unreadable !== undefined)
  if (closed.length > 0) {
    throw new DomainError('source_unreadable', `The column ${closed[0]!.column} of ${name} cannot be read`, {
      details: closed.slice(0, 50).map(({ path: place, column }) => ({ path: place, message: known.get(column)!.unreadable! })),
    })
  }
}

function listed(names: readonly string[]): string {
  return names.length > 40 ? `${names.slice(0, 40).join(', ')} and ${names.length - 40} more` : names.join(', ')
}

/** Reads only the columns that the section needs. */
export async function readSection(source: Source, { spec, columns }: SectionUse): Promise<Section> {
  const findings = findingsOf(spec.table)
  const own = await readTable(source, spec.table, columnsOf(columns, null))
  findings.adopt(own.findings ?? [])
  const joined = new Map<string, Table>()
  const joinedFindings: Finding[] = []
  for (const join of spec.joins ?? []) {
    const frame = await readTable(source, join.table, columnsOf(columns, aliasOf(join)))
    joined.set(aliasOf(join), frame)
    const found = findingsOf(join.table)
    found.adopt(frame.findings ?? [])
    joinedFindings.push(...found.list())
  }
  return { findings, joinedFindings, view: tableView(spec, own, joined, findings) }
}

function readTable(source: Source, table: string, columns: readonly ColumnUse[]): Promise<Frame> {
  return source.readColumns(table, [...new Set(columns.filter(({ unread }) => !unread).map(({ column }) => column))])
}
