/** How data is held out: by item as everybody reports it, and by whole groups as a plant's next new part really is. */
import { sourceOf } from './mapping-sources'

export interface Protocol {
  /** Name of the mapping, without `.json`. */
  mapping: string
  /** Below the data folder; null: the sample plant, generated for the run with its own mapping and rules. */
  source: string | null
  /** `item`, `family`, a column; or `halves`: learned on the first half of a JSON array, asked for the second. */
  hold: string
  /** The same questions once more with attributes left out and with a value that nobody has seen. */
  decay?: boolean
  /** At most so many held-out items a fold are asked. */
  itemsMax?: number
}

const hold = (mapping: string, holds: string[]): Protocol[] => holds.map((by) => ({ mapping, source: sourceOf[mapping][0], hold: by }))

/** Name of the sample plant among the folders, and how large it is. */
export const samplePlant = 'sample'
export const sampleItems = 20_000
const sampleAsked = 400

export const protocols: Protocol[] = [
  { mapping: 'capp', source: sourceOf.capp[0], hold: 'item', decay: true },
  ...hold('capp', ['halves']),
  ...hold('adventureworks', ['item', 'Subcategory']),
  ...hold('adventureworks-korean', ['item', 'family']),
  ...hold('adventureworks-parquet', ['item', 'family']),
  // items of the same list of moulds share their routings: torn apart, they give each other away
  ...hold('optimoldiq', ['item', 'moldList', 'family']),
  ...hold('optimoldiq-xlsx', ['item', 'family']),
  ...hold('fabricad', ['item']),
  ...hold('smt2020', ['item']),
  { mapping: samplePlant, source: null, hold: 'item', decay: true, itemsMax: sampleAsked },
  { mapping: samplePlant, source: null, hold: 'family', itemsMax: sampleAsked },
]
