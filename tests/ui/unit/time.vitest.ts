import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { timeScale, whisker } from '../../../ui/composables/time-scale'
import { formatMinutes, formatTick } from '../../../ui/composables/time-unit'
import { estimate } from '../fixtures/plant'

const spread = (p10: number, p50: number, p90: number) => estimate(p50, 'seed', { p10, p50, p90 })

describe('the common scale of bars', () => {
  test('has nothing to show without times', () => {
    expect(timeScale([])).toBeNull()
    expect(timeScale([spread(0, 0, 0)])).toBeNull()
  })
  test('holds every bar, and every whisker that is not much longer than the longest bar', () => {
    const scale = timeScale([spread(8, 10, 14), spread(20, 30, 40)])
    expect(scale?.maxMinutes).toBe(40)
    expect(whisker(spread(20, 30, 40), scale!)).toEqual({ from: 50, middle: 75, to: 100, cut: false })
  })
  test('cuts a whisker that would press all bars together, and says so', () => {
    const scale = timeScale([spread(8, 10, 14), spread(9, 10, 400)])
    expect(scale?.maxMinutes).toBe(15)
    expect(whisker(spread(9, 10, 400), scale!)).toMatchObject({ to: 100, cut: true })
  })
  test('has ticks that are round in the unit shown', () => {
    const scale = timeScale([spread(60, 150, 230)], { minutesPerUnit: 60 })
    expect(scale?.tickMinutes.map((minutes) => minutes / 60)).toEqual([0, 1, 2, 3])
    expect(formatTick(scale!.tickMinutes[2], 'h', 'ko')).toBe('2')
  })
  test('never draws outside of itself and never out of order', () => {
    const times = fc.tuple(
      fc.double({ min: 0, max: 1e5, noNaN: true }),
      fc.double({ min: 0, max: 1e5, noNaN: true }),
      fc.double({ min: 0, max: 1e5, noNaN: true }),
    )
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 12 }), (rows) => {
        const estimates = rows.map((row) => spread(...([...row].sort((a, b) => a - b) as [number, number, number])))
        const scale = timeScale(estimates)
        if (!scale) return estimates.every((each) => each.p90 <= 1e-6)
        const ticks = scale.tickMinutes.length
        return (
          ticks >= 1 &&
          ticks <= 12 &&
          estimates.every((each) => {
            const mark = whisker(each, scale)
            return (
              0 <= mark.from &&
              mark.from <= mark.middle &&
              mark.middle <= mark.to &&
              mark.to <= 100 &&
              (mark.cut || each.p90 <= scale.maxMinutes * 1.000001)
            )
          })
        )
      }),
    )
  })
})

test('minutes are shown in the chosen unit with fixed decimals', () => {
  expect(formatMinutes(12.5, 'min', 'ko')).toBe('12.5')
  expect(formatMinutes(12.5, 'h', 'ko')).toBe('0.21')
  expect(formatMinutes(12.5, 's', 'ko')).toBe('750')
  expect(formatMinutes(1234, 'min', 'en')).toBe('1,234.0')
})
