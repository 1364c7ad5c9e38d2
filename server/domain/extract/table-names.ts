/**
 * Which of a source's tables a mapping means. Names of tables come from files and folders, and the same export may lie under
 * another name: next month's file, parts held out for a test, a folder opened one level higher or deeper.
 */
import type { Mapping } from '../../contract/mapping'
import type { TableSpec } from './column-ref'

/**
 * The mapping with names that the source does not know replaced by those that they can only mean: the source's only table, when
 * the mapping speaks of one table only; else the same path seen from a folder above or below. Other names stay, and are refused later.
 */
export function withKnownTables(mapping: Mapping, names: readonly string[]): Mapping {
  const { items, routings, results } = mapping
  const wanted = new Set([items, routings, ...(results === undefined ? [] : [results])].flatMap(tablesOf))
  const meant = (name: string) => (names.length === 1 && wanted.size === 1 ? names[0]! : meantName(name, names))
  const renamed = <T extends TableSpec>(spec: T): T => ({
    ...spec,
    table: meant(spec.table),
    // An alias that was the table's name stays what the columns are called by.
    ...(spec.joins && { joins: spec.joins.map((join) => ({ ...join, table: meant(join.table), as: join.as ?? join.table })) }),
  })
  return { ...mapping, items: renamed(items), routings: renamed(routings), ...(results && { results: renamed(results) }) }
}

function tablesOf(spec: TableSpec): string[] {
  return [spec.table, ...(spec.joins ?? []).map((join) => join.table)]
}

function meantName(name: string, names: readonly string[]): string {
  const parts = name.split('/')
  for (let at = 0; at < parts.length; at++) {
    const below = parts.slice(at).join('/')
    if (names.some((known) => isTable(below, known))) return below
  }
  const above = names.filter((known) => known.endsWith(`/${name}`))
  return above.length === 1 ? above[0]! : name
}

/** Whether a name, in which `*` stands for any characters of one part of a path, means this table. */
export function isTable(name: string, table: string): boolean {
  if (!name.includes('*')) return name === table
  const parts = name.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('[^/]*')}$`).test(table)
}
