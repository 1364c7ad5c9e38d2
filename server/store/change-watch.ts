/** Whether a database holds what it held a moment ago: for rows that are asked for with every request and hardly ever change. */
import type { Database } from 'bun:sqlite'

/**
 * Returns a function that says whether nothing was committed since it was called last, by this connection or by any other, in this
 * process or in another. It sees what a read at the same moment would see, at a third of its time. Throws as a read does.
 */
export function watchChanges(db: { $client: Database }): () => boolean {
  // https://sqlite.org/pragma.html#pragma_data_version: changes with the commits of all others, never with one's own
  const others = db.$client.prepare<{ data_version: number }, []>('PRAGMA data_version')
  // https://sqlite.org/c3ref/total_changes.html: rows that this connection has changed so far
  const own = db.$client.prepare<{ rows: number }, []>('SELECT total_changes() AS rows')
  let seen: { version: number; rows: number } | null = null
  return () => {
    const [version, rows] = [others.get()!.data_version, own.get()!.rows]
    const isSame = seen?.version === version && seen.rows === rows
    seen = { version, rows }
    return isSame
  }
}
