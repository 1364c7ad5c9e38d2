/** Moments of groups against the plain twin: hard numbers, and what is refused. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { momentsTwin } from '../../server/domain/time-statistics-twin'
import { binding } from '../../server/engine/addon'
import { type GroupMoments, momentFields, momentsOfGroups, sumsOfGroups } from '../../server/engine/group-moments'

const value = fc.oneof(
  fc.double({ min: 0, max: 1e4, noNaN: true }),
  fc.double({ min: -1e9, max: 1e9, noNaN: true }),
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(0, -0, 5e-324, -5e-324, 1e-300, 1e12, 38),
)
const groups = fc.array(fc.array(value, { maxLength: 70 }), { minLength: 1, maxLength: 6 })

function pack(lists: number[][]) {
  const offsets = new Uint32Array(lists.length + 1)
  lists.forEach((list, at) => {
    offsets[at + 1] = offsets[at] + list.length
  })
  return { values: Float64Array.from(lists.flat()), offsets }
}

/** Within 1e-12 of the size of the samples; squares below the range of numbers are lost on both sides. */
function expectMoments(actual: { n: number; mean: number; sd: number }, list: number[]) {
  const expected = momentsTwin(list)
  const size = list.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0)
  expect(actual.n).toBe(expected.n)
  for (const field of ['mean', 'sd'] as const) {
    const [a, b] = [actual[field], expected[field]]
    if (!Object.is(a, b) && !(Math.abs(a - b) <= 1e-12 * size + 1e-154)) throw new Error(`${field}: ${a} instead of ${b}`)
  }
}
const rowOf = (moments: GroupMoments, group: number) => ({
  n: moments.n[group],
  mean: moments.mean[group],
  sd: moments.sd[group],
})

describe('moments of groups', () => {
  test('agree with the twin', () => {
    fc.assert(
      fc.property(groups, (lists) => {
        const { values, offsets } = pack(lists)
        const moments = momentsOfGroups(values, offsets)
        lists.forEach((list, at) => {
          expectMoments(rowOf(moments, at), list)
        })
      }),
      { numRuns: 500 },
    )
  })

  test('of f32 columns are those of the same numbers', () => {
    fc.assert(
      fc.property(groups, (lists) => {
        const narrow = lists.map((list) => list.map(Math.fround))
        const { values, offsets } = pack(narrow)
        const listed = (moments: GroupMoments) => momentFields.map((field) => [...moments[field]])
        expect(listed(momentsOfGroups(Float32Array.from(values), offsets))).toEqual(listed(momentsOfGroups(values, offsets)))
      }),
    )
  })

  test('of a long group around a large mean keep their digits', () => {
    const list = Array.from({ length: 20_000 }, (_, at) => ((at * 7_919) % 1_000) / 1_024)
    const far = momentsOfGroups(Float64Array.from(list, (x) => x + 2 ** 40), Uint32Array.of(0, list.length)) // biome-ignore format: one call
    const { mean, sd } = momentsTwin(list)
    expect(Math.abs(far.sd[0] - sd)).toBeLessThan(1e-12)
    expect(far.mean[0]).toBeCloseTo(2 ** 40 + mean, 3)
  })

  test('of numbers whose squares leave the range are still numbers', () => {
    const { mean, sd } = momentsOfGroups(Float64Array.of(1e200, 3e200, 1e300, 1e300), Uint32Array.of(0, 2, 4))
    expect(Math.abs(mean[0] / 2e200 - 1) + Math.abs(sd[0] / 1e200 - 1)).toBeLessThan(1e-12)
    expect([mean[1], sd[1]]).toEqual([1e300, 0])
  })

  test('sums are plain sums', () => {
    const offsets = Uint32Array.of(0, 1, 1, 4)
    expect([...sumsOfGroups(Float64Array.of(1, 2, 4, 8), offsets)]).toEqual([1, 0, 14])
    expect([...sumsOfGroups(Float32Array.of(1, 2, 4, 8), offsets)]).toEqual([1, 0, 14])
  })

  test('have fields named in the order in which the addon writes them', () => {
    expect(binding.momentFields()).toEqual([...momentFields])
  })
})

describe('refuses', () => {
  test.each([
    ['NaN', Float64Array.of(1, Number.NaN), Uint32Array.of(0, 2), 'invalid_value', 'value 1 of group 0'],
    ['infinity', Float32Array.of(1, 2, Number.NEGATIVE_INFINITY), Uint32Array.of(0, 2, 3), 'invalid_value', 'value 2 of group 1'],
    ['offsets beyond the values', Float64Array.of(1), Uint32Array.of(0, 2), 'bad_request', 'offsets'],
    ['offsets that fall', Float64Array.of(1), Uint32Array.of(1, 0), 'bad_request', 'offsets'],
  ])('%s', (_, values, offsets, code, message) => {
    const failure = expect.objectContaining({ code, message: expect.stringContaining(message) })
    expect(() => momentsOfGroups(values, offsets)).toThrow(failure)
  })
})
