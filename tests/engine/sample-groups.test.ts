/** Rows brought together by group, against the plain twin. */
import { expect, test } from 'bun:test'
import fc from 'fast-check'
import { groupSamplesTwin } from '../../server/domain/time-statistics-twin'
import { groupSamples } from '../../server/engine/sample-groups'

const rows = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.oneof(fc.double(), fc.constant(Number.NaN))), { maxLength: 80 })

test('rows of a group stand together in their order, without those that are missing', () => {
  fc.assert(
    fc.property(rows, (list) => {
      const groups = Uint32Array.from(list, ([group]) => group)
      const numbers = list.map(([, value]) => value)
      for (const values of [Float64Array.from(numbers), Float32Array.from(numbers)]) {
        const { values: grouped, offsets } = groupSamples(groups, values, 7)
        const lists = Array.from({ length: 7 }, (_, group) => [...grouped.subarray(offsets[group], offsets[group + 1])])
        expect(lists).toEqual(groupSamplesTwin([...groups], [...values], 7))
        expect(grouped).toHaveLength(offsets[7])
      }
    }),
  )
})

test('refuses a group that does not exist, and columns of different lengths', () => {
  const failure = expect.objectContaining({ code: 'bad_request' })
  expect(() => groupSamples(Uint32Array.of(0, 2), Float64Array.of(1, 2), 2)).toThrow(failure)
  expect(() => groupSamples(Uint32Array.of(0), Float64Array.of(1, 2), 2)).toThrow(failure)
  expect(() => groupSamples(Uint32Array.of(), Float64Array.of(), -1)).toThrow(failure)
})
