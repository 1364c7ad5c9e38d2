/** `column` of a section's own table, or `alias.column` of a joined one. Names of columns may contain points themselves. */
import type { Filter, Join } from '../../contract/mapping'

/** The parts of a section that say which rows there are. */
export interface TableSpec {
  table: string
  where?: Filter[]
  explode?: { column: string; separator: string }
  joins?: Join[]
}

export interface ColumnPlace {
  /** null: the section's own table. */
  alias: string | null
  column: string
}

/** Name under which a section refers to a joined table: `as`, else the table's name. */
export function aliasOf(join: Join): string {
  return join.as ?? join.table
}

/** Where a reference points. The longest alias that fits wins: a table `Production.Product` may be its own alias. */
export function placeOf(ref: string, joins: readonly Join[] | undefined): ColumnPlace {
  let best: string | null = null
  for (const join of joins ?? []) {
    const alias = aliasOf(join)
    if (ref.startsWith(`${alias}.`) && alias.length > (best?.length ?? 0)) best = alias
  }
  return best === null ? { alias: null, column: ref } : { alias: best, column: ref.slice(best.length + 1) }
}
