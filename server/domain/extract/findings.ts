/** Collects what rules find in rows: counts, and the first examples of each. */
import { limits } from '../../contract/limits'
import type { Finding } from '../plant'

/** Every rule of extraction. `bad` rows are left out, `note` rows stay (with the value missing where one was wrong). */
export const rules = {
  /** The source could not read the record: fields too few or too many. */
  malformed_row: 'bad',
  item_key_missing: 'bad',
  /** The first row of an item wins. */
  item_key_duplicate: 'bad',
  /** No row of the item table has this key. */
  routing_item_unknown: 'bad',
  operation_missing: 'bad',
  /** Not a whole number from 0 to 2³¹ − 1. */
  sequence_invalid: 'bad',
  /** The same operation on the same resource at the same sequence number of the same routing, again. */
  step_duplicate: 'bad',
  /** A list cell that is neither a list nor a list of lists. */
  list_invalid: 'bad',
  /** Different operations at one sequence number: both are kept, in row order. */
  sequence_duplicate: 'note',
  number_invalid: 'note',
  time_negative: 'note',
  /** The quantity that a time is for is blank, zero or negative: the time is missing. */
  quantity_invalid: 'note',
  /** The unit beside a value is not known: the value is missing. */
  unit_unknown: 'note',
  /** No unit stands beside a value: it is taken to be in the feature's unit. */
  unit_missing: 'note',
  /** The feature's pattern does not match: the value is missing. */
  pattern_unmatched: 'note',
  join_unmatched: 'note',
  /** A report of work done that belongs to no step of a routing. */
  result_unmatched: 'note',
} as const satisfies Record<string, 'bad' | 'note'>
export type Rule = keyof typeof rules

export interface Findings {
  /** Counts one row (from 1) under a rule; the value is shown for the first 20. */
  add(rule: Rule, column: string | null, row: number, value: string | number | null): void
  /** Takes over what an adapter found in the rows it read. Its bad rows were left out of the frame: they are `malformed_row`. */
  adopt(found: readonly Finding[]): void
  /** Rows of the table under bad rules. */
  bad(): number
  /** Rows that the adapter left out. */
  malformed(): number
  list(): Finding[]
}

const exampleCharactersMax = 200

/** An empty collection for one table. */
export function findingsOf(table: string): Findings {
  const found: Finding[] = []
  let last: Finding | undefined
  return {
    add(rule, column, row, value) {
      if (last?.rule !== rule || last.column !== column) {
        last = found.find((finding) => finding.rule === rule && finding.column === column)
        if (last === undefined) {
          last = { rule, severity: rules[rule], table, column, count: 0, examples: [] }
          found.push(last)
        }
      }
      last.count++
      if (last.examples.length < limits.findingExamplesMax) {
        last.examples.push({ row, value: value === null ? '' : String(value).slice(0, exampleCharactersMax) })
      }
    },
    adopt(others) {
      found.push(...others.filter(({ severity }) => severity === 'note').map((other) => ({ ...other, table })))
      const malformed = others.filter(({ severity }) => severity === 'bad')
      if (malformed.length === 0) return
      const examples = malformed.flatMap((other) => other.examples.map(({ row, value }) => ({ row, value: `${other.rule}: ${value}` })))
      found.push({
        rule: 'malformed_row',
        severity: 'bad',
        table,
        column: null,
        count: malformed.reduce((sum, { count }) => sum + count, 0),
        examples: examples.slice(0, limits.findingExamplesMax),
      })
    },
    malformed: () => found.reduce((sum, { rule, count }) => sum + (rule === 'malformed_row' ? count : 0), 0),
    bad: () => found.reduce((sum, { severity, count }) => sum + (severity === 'bad' ? count : 0), 0),
    list: () => found,
  }
}
