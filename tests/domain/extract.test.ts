import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import type { TimeColumn } from '../../server/contract/mapping'
import { distinctOf, textColumnOf } from '../../server/domain/extract/distinct'
import { explodedRows } from '../../server/domain/extract/explosion'
import { findingsOf } from '../../server/domain/extract/findings'
import { matchedRows } from '../../server/domain/extract/join'
import { minutesColumn } from '../../server/domain/extract/minutes'
import { mostFrequentValue, pairIds } from '../../server/domain/extract/pair-ids'
import { naturalRanks, sortedByKey } from '../../server/domain/extract/sorting'
import { withKnownTables } from '../../server/domain/extract/table-names'
import { tableView } from '../../server/domain/extract/table-view'
import type { Column } from '../../server/domain/plant'

const text = (...cells: string[]): Column => {
  const dictionary = ['', ...new Set(cells.filter((cell) => cell !== ''))]
  return { kind: 'text', codes: Uint32Array.from(cells, (cell) => dictionary.indexOf(cell)), dictionary }
}
const numbers = (...values: number[]): Column => ({ kind: 'number', values: Float64Array.from(values) })
const codes = (maximum: number) => fc.array(fc.nat(maximum), { maxLength: 6000 }).map((values) => Uint32Array.from(values))

describe('typed arrays agree with the plain way', () => {
  test('equal pairs, and only they, share an id', () => {
    fc.assert(
      fc.property(codes(200), codes(2 ** 31), (a, b) => {
        const rows = Math.min(a.length, b.length)
        const { ids, count, first } = pairIds(a.subarray(0, rows), b.subarray(0, rows))
        const plain = new Map<string, number>()
        for (let row = 0; row < rows; row++) {
          const key = `${a[row]} ${b[row]}`
          if (!plain.has(key)) {
            expect(first[plain.size]).toBe(row)
            plain.set(key, plain.size)
          }
          expect(ids[row]).toBe(plain.get(key)!)
        }
        expect(count).toBe(plain.size)
      }),
      { numRuns: 50 },
    )
  })

  test('codes of numbers lead back to the numbers, NaN to missing', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.double(), fc.integer({ min: -5, max: 5 }), fc.constant(-0)), { maxLength: 9000 }), (values) => {
        const distinct = distinctOf(numbers(...values))
        expect(new Set(distinct.values).size).toBe(distinct.values.length)
        values.forEach((value, row) => {
          expect(distinct.values[distinct.codes[row]]).toEqual(Number.isNaN(value) ? null : value === 0 ? expect.closeTo(0) : value)
        })
      }),
      { numRuns: 50 },
    )
  })

  test('sorting key by key, last key first, is sorting by all of them, stable', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(5), fc.nat(5)), { maxLength: 500 }), (rows) => {
        const key = (at: 0 | 1) => Uint32Array.from(rows, (row) => row[at])
        const order = sortedByKey(sortedByKey(Uint32Array.from(rows.keys()), key(1), 6), key(0), 6)
        const plain = [...rows.keys()].sort((a, b) => rows[a][0] - rows[b][0] || rows[a][1] - rows[b][1] || a - b)
        expect([...order]).toEqual(plain)
      }),
    )
  })

  test('a join finds the first row with the same keys', () => {
    const cell = fc.constantFrom('', 'a', 'b', 'c', 'null')
    const table = fc.array(fc.tuple(cell, cell), { maxLength: 30 })
    fc.assert(
      fc.property(table, table, (left, right) => {
        const key = (rows: [string, string][], at: 0 | 1) => distinctOf(text(...rows.map((row) => row[at])))
        const keys = ([0, 1] as const).map((at) => ({ left: key(left, at), right: key(right, at) }))
        const { rows, unmatched } = matchedRows(keys, left.length, right.length, 99)
        const isMissing = (row: [string, string]) => row.some((part) => part === '' || part === 'null')
        const plain = left.map((row) => (isMissing(row) ? -1 : right.findIndex((other) => other[0] === row[0] && other[1] === row[1])))
        expect([...rows]).toEqual(plain.map((found) => (found < 0 ? 99 : found)))
        expect([...unmatched]).toEqual([...left.keys()].filter((row) => plain[row] < 0 && !isMissing(left[row])))
      }),
    )
  })
})

test('routing numbers sort as numbers, other texts after them', () => {
  const labels = ['', 'B', '10', '9', 'A', '010']
  const ranks = naturalRanks(labels)
  expect([...labels.keys()].sort((a, b) => ranks[a] - ranks[b]).map((at) => labels[at])).toEqual(['9', '010', '10', '', 'A', 'B'])
})

test('the most frequent name wins, and no name never does', () => {
  const keys = Uint32Array.from([1, 1, 1, 1, 2, 2, 3])
  const names = Uint32Array.from([0, 0, 0, 5, 4, 3, 0])
  expect([...mostFrequentValue(keys, names, 4)]).toEqual([0, 5, 3, 0])
})

test('texts that mean null are missing, and texts that are equal after cleaning are one', () => {
  const { codes: cleaned, dictionary } = textColumnOf(distinctOf(text('A', 'nan', 'NULL', ' A', 'NA')))
  expect(Array.from(cleaned, (code) => dictionary[code])).toEqual(['A', '', '', 'A', 'NA'])
})

test('a cell explodes into its parts, blank parts are none, and a cell without parts keeps its row', () => {
  const { rows, parts } = explodedRows(distinctOf(text('a/b', '', '/', ' c /')), '/')
  expect([...rows]).toEqual([0, 0, 1, 2, 3])
  expect(Array.from(parts.codes, (code) => parts.dictionary[code])).toEqual(['a', 'b', '', '', 'c'])
})

describe('minutes', () => {
  const minutes = (time: TimeColumn, columns: Record<string, Column>) => {
    const findings = findingsOf('t')
    const rows = Object.values(columns)[0]
    const count = rows.kind === 'text' ? rows.codes.length : rows.values.length
    const view = tableView({ table: 't' }, { rows: count, columns: new Map(Object.entries(columns)) }, new Map(), findings)
    return {
      values: [...minutesColumn(view, time, findings)],
      rules: findings.list().map(({ rule, column, examples }) => ({ rule, column, rows: examples.map(({ row }) => row) })),
    }
  }

  test.each([
    ['s', 36, 0.6],
    ['min', 36, 36],
    ['h', 0.25, 15],
    ['day', 2, 2880],
  ] as const)('in %s', (unit, value, expected) => {
    expect(minutes({ column: 't', unit }, { t: numbers(value) }).values).toEqual([expected])
  })

  test('by a unit in each row; a blank is the usual one, another text unknown', () => {
    const time: TimeColumn = { column: 't', unit: 'min', unitBy: { column: 'u', units: { M: 'min', H: 'h' } } }
    const { values, rules } = minutes(time, { t: numbers(1, 1, 1, 1, Number.NaN), u: text('M', 'H', '', 'X', 'X') })
    expect(values).toEqual([1, 60, 1, Number.NaN, Number.NaN])
    expect(rules).toEqual([{ rule: 'unit_unknown', column: 'u', rows: [4] }])
  })

  test('for what each row says the time is for', () => {
    const time: TimeColumn = { column: 't', unit: 'min', perBy: { column: 'k', quantities: { piece: 1, lot: 25, batch: 'b' } } }
    const columns = { t: numbers(50, 50, 50, 50, 50), k: text('piece', 'lot', 'batch', 'batch', '?'), b: numbers(1, 1, 100, 0, 1) }
    const { values, rules } = minutes(time, columns)
    expect(values).toEqual([50, 2, 0.5, Number.NaN, Number.NaN])
    expect(rules).toEqual([{ rule: 'quantity_invalid', column: 'k', rows: [4, 5] }])
  })

  test('a constant time for a quantity', () => {
    expect(minutes({ column: { value: 8 }, unit: 'h', per: 'n' }, { n: numbers(480, 0) }).values).toEqual([1, Number.NaN])
  })
})

describe('tables are found under the name that can only be meant', () => {
  const mapping = (table: string) => ({
    name: 'm',
    items: { table, joins: [{ table: 'x/other', on: [{ left: 'a', right: 'b' }] }] },
    features: [{ kind: 'text' as const, column: 'x/other.c' }],
    routings: { form: 'list' as const, table, column: 'r' },
  })

  test.each([
    ['a/b/part', ['a/b/part', 'part', 'x/other'], 'a/b/part', 'x/other'],
    ['a/b/part', ['part', 'other'], 'part', 'other'],
    ['a/*/part', ['1/part', '2/part', 'other'], '*/part', 'other'],
    ['part', ['a/part', 'y/x/other'], 'a/part', 'y/x/other'],
    ['part', ['a/part', 'b/part', 'x/other'], 'part', 'x/other'],
    ['part', ['department'], 'part', 'x/other'],
  ])('%p among %p is %p', (name, names, table, joined) => {
    const found = withKnownTables(mapping(name), names)
    expect(found.items.table).toBe(table)
    expect(found.routings.table).toBe(table)
    expect(found.items.joins).toEqual([{ table: joined, as: 'x/other', on: [{ left: 'a', right: 'b' }] }])
  })
})
