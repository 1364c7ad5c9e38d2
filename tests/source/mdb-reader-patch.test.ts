/** What our patch of mdb-reader promises. Cell readers are internal to the package: they are loaded by their path. */
import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { shortestFloat } from '../../server/source/access/cell'
import { isoOfUtc } from '../../server/source/date'
import { openSource } from '../../server/source/open'
import { problemOf } from './files'

const library = join(import.meta.dir, '../../node_modules/mdb-reader/lib/node')
const { readNumeric } = await import(join(library, 'data/numeric.js'))
const { readCurrency } = await import(join(library, 'data/currency.js'))
const { readDateTime } = await import(join(library, 'data/datetime.js'))
const { codePageDecoder } = await import(join(library, 'dependencies/iconv-lite/index.js'))
/** The package's own digit arrays, on which its readers were built: the reference. */
const { addArray, multiplyArray, toArray } = await import(join(library, 'array.js'))
const { buildValue } = await import(join(library, 'data/util.js'))

function digitsOf(bytes: Uint8Array, scale: number, negative: boolean): string {
  let product = toArray(0, 40)
  let multiplier = toArray(1, 40)
  for (const byte of bytes) {
    product = addArray(product, multiplyArray(multiplier, toArray(byte, 40)))
    multiplier = multiplyArray(multiplier, toArray(256, 40))
  }
  return buildValue(product, scale, negative)
}

describe('decimals', () => {
  test('any NUMERIC is the digits that the package itself computed', () => {
    const words = fc.uint8Array({ minLength: 16, maxLength: 16 })
    fc.assert(
      fc.property(
        words,
        fc.integer({ min: 0, max: 16 }),
        fc.integer({ min: 0, max: 28 }),
        fc.boolean(),
        (bytes, zeros, scale, negative) => {
          const value = Buffer.concat([Buffer.from([negative ? 0x80 : 0]), Buffer.from(bytes).fill(0, 0, zeros)])
          const ordered = Buffer.concat([12, 8, 4, 0].map((word) => value.subarray(1 + word, 5 + word)))
          expect(readNumeric(value, { scale })).toBe(digitsOf(ordered, scale, negative))
        },
      ),
      { numRuns: 200 },
    )
  })

  test('a negative CURRENCY reads the same twice: the bytes of the file stay', () => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(-123456n)
    expect([readCurrency(bytes), readCurrency(bytes)]).toEqual(['-12.3456', '-12.3456'])
    bytes.writeBigInt64LE(-(2n ** 63n))
    expect(readCurrency(bytes)).toBe('-922337203685477.5808')
  })
})

test('dates before 1899-12-30 count the time of day forwards', () => {
  const text = (days: number) => {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(days)
    return isoOfUtc(readDateTime(bytes))
  }
  expect(text(0.25)).toBe('1899-12-30T06:00:00')
  expect(text(-1.25)).toBe('1899-12-29T06:00:00')
  expect(text(-0.75)).toBe('1899-12-30T18:00:00')
  expect(text(-36522.5)).toBe('1800-01-01T12:00:00')
  expect(text(43525.3125)).toBe('2019-03-01T07:30:00')
})

test('Korean text of Access 97 is decoded by its code page', () => {
  expect(codePageDecoder(949)(Buffer.from([0xc7, 0xb0, 0xb9, 0xf8]))).toBe('품번')
  expect(codePageDecoder(1252)(Buffer.from([0x66, 0xfc, 0x72]))).toBe('für')
  expect(codePageDecoder(0)(Buffer.from([0x80]))).toBe('€')
})

test('single precision is written as short as it is exact', () => {
  expect(shortestFloat(Math.fround(41.3))).toBe(41.3)
  expect(shortestFloat(Math.fround(1 / 3))).toBe(Number(Math.fround(1 / 3).toPrecision(8)))
  expect(shortestFloat(Math.fround(16777217))).toBe(16777216)
})

const files = join(import.meta.dir, '../../../shared/data/access/mdb-reader/test')
if (!existsSync(files)) console.log(`mdb-reader-patch.test.ts: passwords skipped, ${files} is absent`)
test.skipIf(!existsSync(files))('passwords: missing and wrong ones are told apart from damage', async () => {
  const encrypted = join(files, 'encryption/data/office-agile-4.4.accdb')
  expect(await problemOf(openSource(encrypted))).toBe('source_password')
  expect(await problemOf(openSource(encrypted, { password: 'wrong' }))).toBe('source_password')
  const locked = join(files, 'password/data/V2003_with-password.mdb')
  expect(await problemOf(openSource(locked, { password: 'wrong' }))).toBe('source_password')
  const source = await openSource(locked, { password: 'password' })
  expect((await source.tables())[0].rows).toBe(3)
  await source.close()
})

test.skipIf(!existsSync(files))('a truncated file is refused, the process lives', async () => {
  const whole = await Bun.file(join(files, 'data/real/ASampleDatabase.accdb')).bytes()
  const path = join(await import('node:os').then((os) => os.tmpdir()), `cut-${process.pid}.accdb`)
  for (const bytes of [whole.slice(0, 4096), whole.slice(0, 100_000), whole.slice(0, 30)]) {
    await Bun.write(path, bytes)
    const problem = await problemOf(
      openSource(path).then(async (source) => {
        const tables = await source.tables()
        for (const table of tables)
          await source
            .readColumns(
              table.name,
              table.columns.map((column) => column.name),
            )
            .finally(() => source.close())
      }),
    )
    expect(problem).toMatch(/^source_(unreadable|unsupported)$/)
  }
  await Bun.file(path).delete()
})
