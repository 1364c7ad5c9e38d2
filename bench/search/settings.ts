/** What the benches of the search may all be told, and what they do where they are told nothing. */

/** For `parseArgs`. */
export const searchOptions = {
  smoke: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  data: { type: 'string' },
  /** Folder of a version that was trained on the sample plant, or of how many items one is trained for the run. */
  version: { type: 'string' },
  items: { type: 'string' },
  ef: { type: 'string' },
  rounds: { type: 'string' },
  queries: { type: 'string' },
  rows: { type: 'string' },
  keep: { type: 'string' },
} as const

/** How an index is made, where a bench leaves that open. */
export const graphOptions = {
  connectivity: { type: 'string', default: '16' },
  expansion: { type: 'string' },
  rebuild: { type: 'string', default: '' },
} as const

type Asked = { smoke: boolean; json: boolean } & Partial<Record<'rounds' | 'queries' | 'rows', string>>

/** In full, then of a smoke run. */
type Usual = Record<'queries' | 'rows', readonly [full: number, smoke: number]>

export interface SearchSettings {
  smoke: boolean
  json: boolean
  rounds: number
  queriesMax: number
  rowsMax: number
}

export function searchSettings({ smoke, json, rounds, queries, rows }: Asked, usual: Usual): SearchSettings {
  const at = Number(smoke)
  return {
    smoke,
    json,
    rounds: Number(rounds ?? (smoke ? 1 : 5)),
    queriesMax: Number(queries ?? usual.queries[at]),
    rowsMax: Number(rows ?? usual.rows[at]),
  }
}
