import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { sixDigits } from '../../server/domain/time-estimate'

const byText = (value: number) => (value === 0 ? 0 : Number(value.toPrecision(6)))

describe('six digits', () => {
  test('are those that the text has, of any number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => Object.is(sixDigits(value), byText(value))),
      { numRuns: 20_000 },
    )
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 2e6, noNaN: true }), (value) => Object.is(sixDigits(value), byText(value))),
      { numRuns: 50_000 },
    )
  })

  test('also at powers of ten, in the middle between two, and one step beside', () => {
    const view = new DataView(new ArrayBuffer(8))
    const beside = (value: number, step: bigint) => {
      view.setFloat64(0, value)
      view.setBigInt64(0, view.getBigInt64(0) + step)
      return view.getFloat64(0)
    }
    for (let exponent = -5; exponent <= 8; exponent++) {
      for (const digits of [1, 1.5, 9.999995, 9.9999949, 1.000005, 1.234565, 2.500005, 3.3333335, 9.999985]) {
        for (const step of [-2n, -1n, 0n, 1n, 2n]) {
          const value = beside(digits * 10 ** exponent, step)
          expect([value, sixDigits(value)]).toEqual([value, byText(value)])
        }
      }
    }
  })

  test('of a float column are the same', () => {
    for (let at = 0; at < 50_000; at++) {
      const value = Math.fround(Math.random() * 10 ** Math.floor(Math.random() * 8 - 2))
      expect(sixDigits(value)).toBe(byText(value))
    }
  })
})
