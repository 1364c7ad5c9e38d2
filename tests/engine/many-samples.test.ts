/** Groups so large that they are not sorted: against the plain twin, with numbers that make selection hard. */
import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { summarizeTwin, type TwinSummary } from '../../server/domain/time-statistics-twin'
import { binding } from '../../server/engine/addon'
import {
  summarizeGroups,
  summarizeGroupsAsync,
  timeFields,
  trimGroups,
  trimGroupsAsync,
  trimmedFields,
} from '../../server/engine/time-statistics'

/** What a column is made of; sizes on both sides of where sorting ends. */
const makers: Record<string, (random: () => number, row: number) => number> = {
  times: (random) => 30 * Math.exp(0.6 * (random() + random() + random() - 1.5)),
  'whole minutes': (random) => Math.floor(random() * 8),
  'many zeros of both signs': (random, row) => (row % 3 > 0 ? [0, -0][row % 2] : random() * 40),
  'gross values': (random, row) => (row % 60 === 7 ? 1e9 * random() : 5 + random()),
  'both signs over many sizes': (random, row) => (random() - 0.5) * 10 ** ((row % 40) - 20),
  subnormal: (random) => 5e-324 * Math.floor(random() * 1_000),
  'one value': () => 0.1,
  'two values': (_, row) => (row % 7 === 0 ? 3 : 2),
}
const column = fc.record({
  maker: fc.constantFrom(...Object.keys(makers)),
  length: fc.constantFrom(1, 63, 64, 319, 320, 500, 2_000),
  seed: fc.integer({ min: 1, max: 2 ** 31 }),
})

function make({ maker, length, seed }: { maker: string; length: number; seed: number }): number[] {
  let state = seed
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) / 2 ** 24
  }
  return Array.from({ length }, (_, row) => makers[maker](random, row))
}

/** Equal within 1e-12 of the size of the samples; squares below the range of numbers are lost on both sides. */
function expectClose(actual: Record<string, Float64Array>, expected: TwinSummary, fields: readonly (keyof TwinSummary)[], size: number) {
  for (const field of fields) {
    const [a, b] = [actual[field][0], expected[field]]
    const scale = field === 'cv' ? Math.max(1, Math.abs(b)) ** 2 * 1e3 : size
    if (!(a === b || Math.abs(a - b) <= 1e-12 * scale + 1e-154)) throw new Error(`${field}: ${a} instead of ${b}`)
  }
}
const sizeOf = (list: number[]) => list.reduce((largest, x) => Math.max(largest, Math.abs(x)), 0)

describe('many samples', () => {
  const shares = fc.tuple(fc.double({ min: 0, max: 0.45, noNaN: true }), fc.double({ min: 0.55, max: 1, noNaN: true }))

  test('have the trimmed moments and medians of the twin', () => {
    fc.assert(
      fc.property(column, shares, (how, [trimLow, trimHigh]) => {
        const list = make(how)
        const trims = trimGroups(Float64Array.from(list), Uint32Array.of(0, list.length), { trimLow, trimHigh })
        expectClose(trims, summarizeTwin(list, { zCut: Number.POSITIVE_INFINITY, trimLow, trimHigh }), trimmedFields, sizeOf(list))
      }),
      { numRuns: 300 },
    )
  })

  test('have the whole summary of the twin', () => {
    fc.assert(
      fc.property(column, fc.constantFrom(1.37, 2.53, Number.POSITIVE_INFINITY), (how, cut) => {
        const list = make(how)
        const zCut = how.maker === 'subnormal' ? Number.POSITIVE_INFINITY : cut // their deviation is lost
        const summary = summarizeGroups(Float64Array.from(list), Uint32Array.of(0, list.length), { zCut })
        const fields = how.maker === 'both signs over many sizes' ? timeFields.filter((field) => field !== 'cv') : timeFields
        expectClose(summary, summarizeTwin(list, { zCut }), fields, sizeOf(list))
      }),
      { numRuns: 300 },
    )
  })

  test('give the same bits in any order and on any number of threads', async () => {
    const lists = Object.keys(makers).map((maker) => make({ maker, length: 5_000, seed: 9 }))
    const offsets = Uint32Array.from({ length: lists.length + 1 }, (_, at) => at * 5_000)
    const values = Float64Array.from(lists.flat())
    const backwards = Float64Array.from(lists.flatMap((list) => list.toReversed()))
    const summary = summarizeGroups(values, offsets)
    expect(summarizeGroups(backwards, offsets)).toEqual(summary)
    expect(await summarizeGroupsAsync(values, offsets, { threads: 2 })).toEqual(summary)
    const trims = trimGroups(values, offsets)
    expect(trimGroups(backwards, offsets)).toEqual(trims)
    expect(await trimGroupsAsync(values, offsets, { threads: 2 })).toEqual(trims)
  })

  test('scaled by a power of two have times scaled to the bit', () => {
    fc.assert(
      fc.property(
        column.filter(({ maker }) => maker !== 'subnormal'),
        fc.constantFrom(0.25, 1_024),
        (how, factor) => {
          const list = make(how)
          const of = (scale: number) =>
            trimGroups(
              Float64Array.from(list, (x) => x * scale),
              Uint32Array.of(0, list.length),
            )
          const [plain, scaled] = [of(1), of(factor)]
          for (const field of ['trimmedMean', 'trimmedSd', 'median'] as const) expect(scaled[field][0]).toBe(plain[field][0] * factor)
        },
      ),
    )
  })

  test('so far apart that squares leave the range are sorted instead', () => {
    const list = Array.from({ length: 1_000 }, (_, at) => (at - 500) * 1e140)
    const { median, trimmedMean } = trimGroups(Float64Array.from(list), Uint32Array.of(0, 1_000))
    expect(median[0]).toBe(-0.5e140)
    expect(Math.abs(trimmedMean[0] / -0.5e140 - 1)).toBeLessThan(1e-9)
  })

  test('are refused with the place of what is no number', () => {
    const values = new Float64Array(4_000).fill(1)
    values[3_210] = Number.NaN
    const failure = expect.objectContaining({ code: 'invalid_value', message: expect.stringContaining('value 3210 of group 1') })
    expect(() => trimGroups(values, Uint32Array.of(0, 2_000, 4_000))).toThrow(failure)
    expect(() => summarizeGroups(values, Uint32Array.of(0, 2_000, 4_000))).toThrow(failure)
    const cuts = expect.objectContaining({ code: 'bad_request' })
    expect(() => trimGroups(values, Uint32Array.of(0, 2), { trimLow: 0.5, trimHigh: 0.5 })).toThrow(cuts)
  })

  test('have fields named in the order in which the addon writes them', () => {
    expect(binding.trimmedFields()).toEqual([...trimmedFields])
  })
})
