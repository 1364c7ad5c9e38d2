/** The addon's statistics against the plain twin, the properties that must hold, and what is refused. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { summarizeTwin, type TwinSummary } from '../../server/domain/time-statistics-twin'
import { binding } from '../../server/engine/addon'
import { type GroupSummaries, summarizeGroups, summarizeGroupsAsync, timeFields } from '../../server/engine/time-statistics'

const value = fc.oneof(fc.double({ min: 1e-6, max: 1e4, noNaN: true }), fc.integer({ min: 0, max: 20 }), fc.constantFrom(0, 0.5, 38, 9_999))
const weight = fc.oneof(fc.double({ min: 0.01, max: 10, noNaN: true }), fc.constantFrom(0, 1, 1))
const sample = fc.tuple(value, weight)
const groups = fc.array(fc.array(sample, { maxLength: 40 }), { minLength: 1, maxLength: 8 })
type Samples = [number, number][]

function pack(lists: Samples[]) {
  const all = lists.flat()
  const offsets = new Uint32Array(lists.length + 1)
  lists.forEach((list, at) => {
    offsets[at + 1] = offsets[at] + list.length
  })
  return { values: Float64Array.from(all, ([x]) => x), weights: Float64Array.from(all, ([, w]) => w), offsets }
}

const rowOf = (summaries: GroupSummaries, group: number) =>
  Object.fromEntries(timeFields.map((field) => [field, summaries[field][group]])) as unknown as TwinSummary

/** Equal within 1e-9 of the size of the samples, NaN to NaN. */
function expectClose(actual: TwinSummary, expected: TwinSummary, scale: number, skip: string[] = []) {
  for (const field of timeFields) {
    if (skip.includes(field)) continue
    const [a, b] = [actual[field], expected[field]]
    const close = Object.is(a, b) || Math.abs(a - b) <= 1e-9 * (field === 'cv' ? Math.max(1, Math.abs(b)) : scale)
    if (!close) throw new Error(`${field}: ${a} instead of ${b}`)
  }
}
const scaleOf = (list: Samples) => list.reduce((largest, [x]) => Math.max(largest, Math.abs(x)), 1)

/** True when rounding decides which samples are cut: two samples at equal distance from the mean, at the border. */
function cutIsClear(list: Samples, zCut = 2.5) {
  const used = list.filter(([, w]) => w > 0)
  const all = used.reduce((sum, [, w]) => sum + w, 0)
  const mean = used.reduce((sum, [x, w]) => sum + (w / all) * x, 0)
  const sd = Math.sqrt(used.reduce((sum, [x, w]) => sum + (w / all) * (x - mean) ** 2, 0))
  return used.every(([x]) => Math.abs(Math.abs(x - mean) - zCut * sd) > 1e-9 * Math.max(1, sd))
}

describe('against the twin', () => {
  test('weighted groups agree within 1e-9', () => {
    fc.assert(
      fc.property(groups, (lists) => {
        fc.pre(lists.every((list) => cutIsClear(list)))
        const { values, weights, offsets } = pack(lists)
        const summaries = summarizeGroups(values, offsets, { weights })
        lists.forEach((list, at) => {
          const [xs, ws] = [list.map(([x]) => x), list.map(([, w]) => w)]
          expectClose(rowOf(summaries, at), summarizeTwin(xs, { weights: ws }), scaleOf(list))
        })
      }),
      { numRuns: 500 },
    )
  })

  test('groups without weights agree within 1e-9, with any cuts', () => {
    const options = fc.record({
      zCut: fc.double({ min: 0.1, max: 5, noNaN: true }),
      trimLow: fc.double({ min: 0, max: 0.4, noNaN: true }),
      trimHigh: fc.double({ min: 0.5, max: 1, noNaN: true }),
    })
    fc.assert(
      fc.property(groups, options, (lists, cuts) => {
        const even = lists.map((list) => list.map(([x]): [number, number] => [x, 1]))
        fc.pre(even.every((list) => cutIsClear(list, cuts.zCut)))
        const { values, offsets } = pack(even)
        const summaries = summarizeGroups(values, offsets, cuts)
        even.forEach((list, at) => {
          expectClose(rowOf(summaries, at), summarizeTwin(list.map(([x]) => x), cuts), scaleOf(list)) // biome-ignore format: one comparison
        })
      }),
      { numRuns: 500 },
    )
  })

  test('a million samples off the thread give the bits of the synchronous call', async () => {
    const values = Float64Array.from({ length: 1_000_000 }, (_, at) => (Math.imul(at, 2_654_435_761) >>> 0) / 2 ** 22)
    const weights = values.map((x) => (x % 7) + 0.5)
    const offsets = Uint32Array.from({ length: 5_001 }, (_, at) => at * 200)
    const expected = summarizeGroups(values, offsets, { weights })
    expect(await summarizeGroupsAsync(values, offsets, { weights, threads: 2 })).toEqual(expected)
    expectClose(
      rowOf(expected, 77),
      summarizeTwin([...values.slice(15_400, 15_600)], { weights: [...weights.slice(15_400, 15_600)] }),
      1_024,
    )
  })
})

describe('properties', () => {
  const filled = fc.array(sample, { minLength: 1, maxLength: 60 })
  const of = (list: Samples, options = {}) => {
    const { values, weights, offsets } = pack([list])
    return rowOf(summarizeGroups(values, offsets, { weights, ...options }), 0)
  }

  test('the order of the samples changes no bit', () => {
    const shuffled = filled.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
    fc.assert(fc.property(shuffled, ([list, other]) => expect(of(other)).toEqual(of(list))))
  })

  test('scaling the samples by a power of two scales what is a time and leaves the rest', () => {
    fc.assert(
      fc.property(filled, fc.constantFrom(0.25, 2, 1_024), (list, factor) => {
        const before = of(list)
        const after = of(list.map(([x, w]) => [x * factor, w]))
        for (const field of timeFields) {
          const unscaled = ['n', 'nKept', 'outliers', 'cv'].includes(field)
          expect(after[field]).toEqual(unscaled ? before[field] : before[field] * factor)
        }
      }),
    )
  })

  test('scaling the weights changes nothing', () => {
    fc.assert(fc.property(filled, (list) => expect(of(list.map(([x, w]) => [x, w * 4]))).toEqual(of(list))))
  })

  test('trimming the same share at both ends never widens', () => {
    fc.assert(
      fc.property(filled, fc.double({ min: 0, max: 0.45, noNaN: true }), (list, share) => {
        const { sd, trimmedSd } = of(list, { trimLow: share, trimHigh: 1 - share })
        if (!Number.isNaN(sd)) expect(trimmedSd).toBeLessThanOrEqual(sd + 1e-9 * scaleOf(list))
      }),
    )
  })

  test('quantiles ascend within the range, and kept and cut samples are all there are', () => {
    fc.assert(
      fc.property(filled, (list) => {
        const row = of(list)
        const { min, p10, p25, p50, p75, p90, max } = row
        if (row.nKept === 0) return
        const ascending = [min, p10, p25, p50, p75, p90, max]
        expect(ascending).toEqual(ascending.toSorted((a, b) => a - b))
        expect(row.nKept + row.outliers).toBe(list.filter(([, w]) => w > 0).length)
        expect(row.mean).toBeGreaterThanOrEqual(min)
        expect(row.mean).toBeLessThanOrEqual(max)
      }),
    )
  })
})

describe('refuses', () => {
  const one = Uint32Array.of(0, 3)
  const numbers = Float64Array.of(1, 2, 3)
  test.each([
    ['NaN', Float64Array.of(1, Number.NaN, 3), one, {}, 'invalid_value', 'value 1 of group 0'],
    ['infinity', Float64Array.of(1, 2, Number.POSITIVE_INFINITY), Uint32Array.of(0, 1, 3), {}, 'invalid_value', 'value 2 of group 1'],
    ['a weight that is NaN', numbers, one, { weights: Float64Array.of(1, 1, Number.NaN) }, 'invalid_value', 'weight 2 of group 0'],
    ['a negative weight', numbers, one, { weights: Float64Array.of(-1, 1, 1) }, 'invalid_value', 'weight 0 of group 0'],
    ['too few weights', numbers, one, { weights: Float64Array.of(1) }, 'bad_request', 'one weight a value'],
    ['offsets beyond the values', numbers, Uint32Array.of(0, 4), {}, 'bad_request', 'offsets'],
    ['offsets that fall', numbers, Uint32Array.of(2, 1), {}, 'bad_request', 'offsets'],
    ['no offsets', numbers, new Uint32Array(0), {}, 'bad_request', 'offsets'],
    ['a cut of 0', numbers, one, { zCut: 0 }, 'bad_request', 'zCut'],
    ['a cut that is NaN', numbers, one, { zCut: Number.NaN }, 'bad_request', 'zCut'],
    ['a trim of all', numbers, one, { trimLow: 0.5, trimHigh: 0.5 }, 'bad_request', 'trimLow'],
    ['a trim beyond all', numbers, one, { trimHigh: 1.1 }, 'bad_request', 'trimLow'],
  ])('%s', async (_, values, offsets, options, code, message) => {
    const failure = { code, message: expect.stringContaining(message) }
    expect(() => summarizeGroups(values, offsets, options)).toThrow(expect.objectContaining(failure))
    await expect(summarizeGroupsAsync(values, offsets, options)).rejects.toMatchObject(failure)
  })

  test('no groups is an empty answer', () => {
    expect(summarizeGroups(new Float64Array(0), Uint32Array.of(0)).mean).toHaveLength(0)
  })

  test('the fields are named in the order in which the addon writes them', () => {
    expect(binding.timeFields()).toEqual([...timeFields])
  })
})
