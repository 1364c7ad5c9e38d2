import { expect, test } from 'vitest'
import { linearScale, logScale, shareDomain } from '../../../ui/composables/plot'

test('a linear scale maps its ends to the ends of the drawing, with round ticks', () => {
  const scale = linearScale([0, 1], [40, 240], 5)
  expect([scale.at(0), scale.at(0.5), scale.at(1)]).toEqual([40, 140, 240])
  expect(scale.ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1])
  expect(linearScale([0, 7.3], [0, 1], 3).ticks).toEqual([0, 2.5, 5])
})
test('a linear scale without width draws in one place instead of nowhere', () => {
  expect(Number.isFinite(linearScale([3, 3], [0, 100]).at(3))).toBe(true)
})
test('a log scale spaces ratios alike', () => {
  const scale = logScale([1, 100], [0, 200])
  expect(scale.at(10)).toBeCloseTo(100)
  expect(scale.ticks).toEqual([1, 3, 10, 30, 100])
  expect(logScale([0.5, 6], [0, 1]).ticks).toEqual([0.5, 1, 2, 5])
})
test('shares near 1 get an axis that shows their differences, and never one that cuts a value', () => {
  expect(shareDomain([0.97, 0.99])).toEqual([0.95, 1])
  expect(shareDomain([0.83, 0.99])).toEqual([0.8, 1])
  expect(shareDomain([0.2])).toEqual([0, 1])
})
