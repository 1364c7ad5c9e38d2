/** Checks of names that every adapter makes before it reads. */
import { DomainError } from '../domain/error'

/** Throws `table_unknown` with the names there are (up to 20). */
export function checkTable(name: string, names: string[]): void {
  if (names.includes(name)) return
  const known = names.slice(0, 20).join(', ')
  throw new DomainError('table_unknown', `The source has no table of that name; it has: ${known}${names.length > 20 ? ', …' : ''}`, {
    details: [{ path: name, message: 'no such table' }],
  })
}

/** Positions of the wanted columns (all when undefined). Throws `column_unknown` naming every one that is not there. */
export function checkColumns(table: string, names: string[], wanted: string[] | undefined): number[] {
  if (!wanted) return names.map((_, index) => index)
  const positions = [...new Set(wanted)].map((name) => names.indexOf(name))
  if (!positions.includes(-1)) return positions
  const unknown = wanted.filter((name) => !names.includes(name))
  throw new DomainError(
    'column_unknown',
    `Table ${table} lacks ${unknown.length} of the columns asked for: ${unknown.slice(0, 10).join(', ')}`,
    {
      details: unknown.slice(0, 50).map((name) => ({ path: name, message: `no such column in ${table}` })),
    },
  )
}
