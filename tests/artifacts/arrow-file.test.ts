import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { readArrow, writeArrow } from '../../server/artifacts/arrow-file'
import { DomainError } from '../../server/domain/error'

const folder = mkdtempSync(join(tmpdir(), 'routewright-arrow-'))
afterAll(() => rmSync(folder, { recursive: true }))
let file = 0
const next = () => join(folder, `${file++}.arrow`)

test('columns of any length come back as they were, texts included', () => {
  const row = fc.record({ a: fc.nat(), b: fc.double(), c: fc.string({ unit: 'grapheme' }), d: fc.constantFrom('', '가공', 'x') })
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (rows) => {
      const path = next()
      const dictionary = ['', '가공', 'x']
      writeArrow(path, {
        a: Uint32Array.from(rows, ({ a }) => a),
        b: Float64Array.from(rows, ({ b }) => b),
        c: { utf8: rows.map(({ c }) => c) },
        d: { kind: 'text', dictionary, codes: Uint32Array.from(rows, ({ d }) => dictionary.indexOf(d)) },
        e: Uint8Array.from(rows, ({ a }) => a & 255),
      })
      const table = readArrow(path)
      const at = table.strings('c')
      const text = table.text('d')
      expect(table.rows).toBe(rows.length)
      expect([...table.numbers<Uint32Array>('a')]).toEqual(rows.map(({ a }) => a))
      expect([...table.numbers<Float64Array>('b')]).toEqual(rows.map(({ b }) => b))
      expect([...table.numbers<Uint8Array>('e')]).toEqual(rows.map(({ a }) => a & 255))
      expect(rows.map((_, index) => at(index))).toEqual(rows.map(({ c }) => c.toWellFormed()))
      expect(rows.map((_, index) => text.value(text.codes[index]))).toEqual(rows.map(({ d }) => d))
    }),
    { numRuns: 60 },
  )
})

test('a file that is no Arrow file, or lacks a column, is named', () => {
  const path = next()
  writeFileSync(path, 'not arrow at all')
  const problem = (call: () => unknown) => {
    try {
      call()
    } catch (error) {
      return error as DomainError
    }
    throw new Error('no problem')
  }
  expect(problem(() => readArrow(path).rows + 1 && readArrow(path).numbers('a'))).toBeInstanceOf(DomainError)
  const good = next()
  writeArrow(good, { a: new Uint32Array(3) })
  expect(problem(() => readArrow(good).numbers('b')).code).toBe('artifact_mismatch')
})
