/** The SQL of a check that a column holds one of a closed list. */
import { sql } from 'drizzle-orm'

export const oneOf = (column: string, values: readonly string[]) =>
  sql.raw(`"${column}" in (${values.map((value) => `'${value}'`).join(', ')})`)
