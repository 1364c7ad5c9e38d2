/** The tables of the floor bench. */
import type { Row } from '../measure/report'
import type { SearchFloor } from './search-floor'

const fixed = (value: number, digits: number): number => Number(value.toFixed(digits))

/** The search beside its floor. */
export const timesRow = ({ batch, single, again, floor, chain }: SearchFloor, recall: number): Row => ({
  'recall@10': fixed(recall, 4),
  'search µs': fixed(batch, 1),
  'one call µs': fixed(single, 1),
  'again µs': fixed(again, 1),
  'floor µs': fixed(floor, 1),
  'chain µs': fixed(chain, 1),
  'times floor': fixed(batch / floor, 2),
  'times chain': fixed(batch / chain, 2),
})

/** What each kind of record costs. */
export const recordRows = ({ counts, bytes, known, chained }: SearchFloor): Row[] =>
  (['visit', 'row', 'exact'] as const).map((record) => ({
    record,
    'a search': fixed(counts[record], 1),
    bytes: bytes[record],
    'known ns': fixed(known[record] * 1000, 0),
    'GB/s': fixed(bytes[record] / known[record] / 1000, 1),
    'chain ns': fixed(chained[record] * 1000, 0),
  }))

interface Reached {
  ef: number
  recall: number
  micros: number
}

/** What a search of an engine reads, and how fast. */
export function readRow(engine: string, { ef, recall, micros }: Reached, { counts, bytes }: Pick<SearchFloor, 'counts' | 'bytes'>): Row {
  const read = counts.visit * bytes.visit + counts.row * bytes.row + counts.exact * bytes.exact
  return {
    engine,
    ef,
    'recall@10': fixed(recall, 4),
    visits: fixed(counts.visit, 1),
    'bytes a visit': Math.round(bytes.visit),
    rows: fixed(counts.row, 1),
    exact: fixed(counts.exact, 1),
    'KB a search': fixed(read / 1000, 1),
    'search µs': fixed(micros, 1),
    'GB/s': fixed(read / micros / 1000, 1),
  }
}
