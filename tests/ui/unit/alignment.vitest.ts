import fc from 'fast-check'
import { expect, test } from 'vitest'
import { alignOperations } from '../../../ui/composables/alignment'

test('candidates are aligned by operation, not by position', () => {
  expect(
    alignOperations([
      ['A', 'B', 'D'],
      ['A', 'C', 'D'],
    ]),
  ).toEqual([
    { operation: 'A', cells: [0, 0] },
    { operation: 'B', cells: [1, null] },
    { operation: 'C', cells: [null, 1] },
    { operation: 'D', cells: [2, 2] },
  ])
})
test('a moved operation appears at both places', () => {
  const rows = alignOperations([
    ['A', 'B', 'C'],
    ['B', 'C', 'A'],
  ])
  expect(rows.map((row) => row.operation)).toEqual(['A', 'B', 'C', 'A'])
})
test('an operation that is done twice keeps both', () => {
  expect(
    alignOperations([
      ['A', 'B', 'A'],
      ['A', 'A'],
    ]),
  ).toEqual([
    { operation: 'A', cells: [0, 0] },
    { operation: 'B', cells: [1, null] },
    { operation: 'A', cells: [2, 1] },
  ])
})
test('every step of every candidate stands in exactly one row, in its own order', () => {
  const routing = fc.array(fc.constantFrom('A', 'B', 'C', 'D', 'E'), { maxLength: 8 })
  fc.assert(
    fc.property(fc.array(routing, { minLength: 1, maxLength: 5 }), (candidates) => {
      const rows = alignOperations(candidates)
      candidates.forEach((operations, column) => {
        const steps = rows.map((row) => row.cells[column]).filter((cell) => cell !== null)
        expect(steps).toEqual(operations.map((_, index) => index))
        for (const row of rows) if (row.cells[column] !== null) expect(operations[row.cells[column]]).toBe(row.operation)
      })
      for (const row of rows) expect(row.cells).toHaveLength(candidates.length)
    }),
  )
})
