/** How the real data is held out: by item as everybody reports it, and by whole groups as a plant's next new part really is. */
import { sourceOf } from './mapping-sources'

export interface Protocol {
  /** Name of the mapping, without `.json`. */
  mapping: string
  /** Below the data folder. */
  source: string
  /** `item`, `family`, a column; or `halves`: learned on the first half of a JSON array, asked for the second. */
  hold: string
}

const hold = (mapping: string, holds: string[]): Protocol[] => holds.map((by) => ({ mapping, source: sourceOf[mapping][0], hold: by }))

export const protocols: Protocol[] = [
  ...hold('capp', ['item', 'halves']),
  ...hold('adventureworks', ['item', 'Subcategory']),
  ...hold('adventureworks-korean', ['item', 'family']),
  ...hold('adventureworks-parquet', ['item', 'family']),
  // items of the same list of moulds share their routings: torn apart, they give each other away
  ...hold('optimoldiq', ['item', 'moldList', 'family']),
  ...hold('optimoldiq-xlsx', ['item', 'family']),
  ...hold('fabricad', ['item']),
  ...hold('smt2020', ['item']),
]
