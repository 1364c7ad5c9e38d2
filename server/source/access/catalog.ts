/**
 * What an Access file holds, and what of it cannot be read, by name and with the reason. mdb-reader would return wrong values
 * for calculated columns, lose the whole table for a version history and not list linked tables: here each is named.
 */
import type MDBReader from 'mdb-reader'
import type { CellType, TableInfo } from '../source'

interface SystemObject {
  Id: number
  Name: string
  Type: number
  Flags: number
}
interface ComplexColumn {
  ColumnName: string
  ComplexTypeObjectID: number
  ConceptualTableID: number
}
type AccessColumn = ReturnType<ReturnType<MDBReader['getTable']>['getColumns']>[number]

const systemFlags = 0x80000002 | 0
const linkedTypes: Record<number, string> = {
  4: 'a table linked through ODBC: its rows lie in another database',
  6: 'a table linked from another file: its rows lie in that file',
}
const cellTypes: Record<string, CellType> = {
  boolean: 'boolean',
  ...{ byte: 'integer', integer: 'integer', long: 'integer', bigint: 'integer' },
  ...{ currency: 'decimal', numeric: 'decimal', float: 'number', double: 'number' },
  ...{ datetime: 'datetime', datetimextended: 'datetime' },
  ...{ binary: 'binary', ole: 'binary', text: 'text', memo: 'text', repid: 'text', complex: 'json' },
}

/** The user's tables in the order of the file, linked ones last. */
export function catalog(reader: MDBReader): TableInfo[] {
  const objects = reader.getTable('MSysObjects').getData({ columns: ['Id', 'Name', 'Type', 'Flags'] }) as unknown as SystemObject[]
  const complex = complexKinds(reader, objects)
  const tables = reader.getTableNames().map((name) => tableInfo(reader, name, complex))
  for (const { Name: name, Type: type } of objects) {
    const unreadable = linkedTypes[type]
    if (unreadable) tables.push({ name, columns: [], rows: null, unreadable })
  }
  return tables
}

function tableInfo(reader: MDBReader, name: string, complex: Map<string, string>): TableInfo {
  try {
    const table = reader.getTable(name)
    const columns = table.getColumns().map((column) => columnInfo(column, complex.get(column.name)))
    // Counted and not as stated: the count in a file's table definition can be stale.
    let rows = 0
    for (const page of table.pages([])) rows += page.length
    return { name, columns, rows }
  } catch (cause) {
    return { name, columns: [], rows: null, unreadable: `it is damaged: ${(cause as Error).message}` }
  }
}

function columnInfo(column: AccessColumn, complexKind: string | undefined): TableInfo['columns'][number] {
  const type = cellTypes[column.type] ?? 'text'
  const unreadable = refusal(column, complexKind)
  return unreadable ? { name: column.name, type, unreadable } : { name: column.name, type }
}

function refusal(column: AccessColumn, complexKind: string | undefined): string | null {
  if (!(column.type in cellTypes)) return 'a column type that Access keeps for itself'
  if (column.calculated)
    return 'a calculated column: Access stores its last result in a form of its own; map the columns it is computed from'
  if (column.type !== 'complex') return null
  if (complexKind === undefined) return 'a complex column that the file does not describe'
  if (complexKind.startsWith('MSysComplexTypeVH')) return "the version history of another column: that column's own value can be read"
  return complexKind === 'MSysComplexType_Attachment' ? null : 'a multi-value column: its values lie in a hidden table'
}

/** Name of the type object of every complex column. The same name in two tables has the same kind or is refused as undescribed. */
function complexKinds(reader: MDBReader, objects: SystemObject[]): Map<string, string> {
  const kinds = new Map<string, string>()
  if (!objects.some(({ Name: name, Flags: flags }) => name === 'MSysComplexColumns' && (flags & systemFlags) !== 0)) return kinds
  const nameOf = new Map(objects.map(({ Id: id, Name: name }) => [id, name]))
  const columns = reader.getTable('MSysComplexColumns').getData() as unknown as ComplexColumn[]
  for (const { ColumnName: column, ComplexTypeObjectID: type } of columns) {
    const kind = nameOf.get(type) ?? ''
    kinds.set(column, kinds.has(column) && kinds.get(column) !== kind ? '' : kind)
  }
  return kinds
}
