import { Database } from 'bun:sqlite'
import { afterAll, describe, expect, test } from 'bun:test'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { parse } from 'csv-parse/sync'
import pl from 'nodejs-polars'
import { Mapping } from '../../server/contract/mapping'
import { DomainError } from '../../server/domain/error'
import { ITEM_TABLE, RESULT_TABLE, ROUTING_TABLE } from '../../server/domain/sample/columns'
import { type SampleOptions, writeSample } from '../../server/pipeline/sample'

const root = mkdtempSync(join(tmpdir(), 'routewright-sample-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const names = [ITEM_TABLE, ROUTING_TABLE, RESULT_TABLE]
async function sample(folder: string, options: Partial<SampleOptions> = {}) {
  const out = join(root, folder)
  const report = await writeSample({ out, items: 400, ...options })
  return { out, report }
}
const csv = (out: string, name: string): string => readFileSync(join(out, `${name}.csv`), 'utf8')
const rows = (out: string, name: string): Record<string, string>[] => parse(csv(out, name), { columns: true })

describe('a plant in CSV', () => {
  test('is the same, byte for byte, for the same seed and size', async () => {
    const [a, b] = [await sample('a', { seed: 7 }), await sample('b', { seed: 7 })]
    for (const name of names) expect(csv(a.out, name)).toBe(csv(b.out, name))
  })
  test('differs with the seed', async () => {
    const [a, b] = [await sample('s1', { seed: 1 }), await sample('s2', { seed: 2 })]
    for (const name of names) expect(csv(a.out, name)).not.toBe(csv(b.out, name))
  })
  test('begins with the smaller plant of its seed', async () => {
    const [small, large] = [await sample('small', { items: 150 }), await sample('large', { items: 450 })]
    for (const name of names) expect(csv(large.out, name).startsWith(csv(small.out, name))).toBe(true)
  })
  test('counts what it wrote, and every routing and result belongs to an item', async () => {
    const { out, report } = await sample('counts', { items: 1_000 })
    const [items, routings, results] = names.map((name) => rows(out, name))
    expect(report).toMatchObject({ items: items.length, operations: routings.length, results: results.length })
    const keys = new Set(items.map((row) => row.ITEM_CD.trim()))
    expect(keys.size).toBe(1_000)
    for (const row of [...routings, ...results]) expect(keys.has(row.ITEM_CD.trim())).toBe(true)
    const routed = new Set(routings.map((row) => row.ITEM_CD.trim()))
    expect(report.newItems).toBe(1_000 - routed.size)
    expect(new Set(routings.map((row) => `${row.ITEM_CD.trim()}/${row.ROUT_NO}`)).size).toBe(report.routings)
    expect(new Set(routings.map((row) => `${row.ITEM_CD.trim()}/${row.ROUT_NO}/${row.PROC_SEQ}`)).size).toBe(routings.length)
  })
  test('reports mostly join a step by item, routing, sequence and operation', async () => {
    const { out } = await sample('joins', { items: 1_500 })
    const key = (row: Record<string, string>) => [row.ITEM_CD.trim(), row.ROUT_NO, row.PROC_SEQ, row.JOB_CD].join('/')
    const steps = new Set(rows(out, ROUTING_TABLE).map(key))
    const results = rows(out, RESULT_TABLE)
    const joined = results.filter((row) => steps.has(key(row))).length / results.length
    expect(joined).toBeGreaterThan(0.99)
    expect(joined).toBeLessThan(1)
  })
  test('carries the mapping that reads it', async () => {
    const { out, report } = await sample('mapping')
    expect(report.files.at(-1)).toBe(join(out, 'mapping.json'))
    expect(Value.Check(Mapping, JSON.parse(readFileSync(join(out, 'mapping.json'), 'utf8')))).toBe(true)
  })
})

describe('a plant in another format', () => {
  test('holds the same cells in Parquet, with null and empty apart', async () => {
    const { out: text } = await sample('as-csv')
    const { out } = await sample('as-parquet', { format: 'parquet' })
    const frame = pl.readParquet(join(out, `${ITEM_TABLE}.parquet`))
    const expected = rows(text, ITEM_TABLE)
    for (const column of ['ITEM_CD', 'GROUP1', 'ITEM_SPEC', 'OUTDIAMETER'])
      expect(
        frame
          .getColumn(column)
          .toArray()
          .map((cell: unknown) => String(cell ?? '')),
      ).toEqual(expected.map((row) => row[column]))
    const types = frame.getColumn('ITEM_SUFFIX').toArray()
    expect(types.filter((cell: unknown) => cell === '').length).toBeGreaterThan(0)
    expect(frame.getColumn('ITEM_NM_ENG').nullCount()).toBe(400)
    expect(readdirSync(out).sort()).toEqual([...names.map((name) => `${name}.parquet`), 'mapping.json'].sort())
  })
  test('holds the same rows in SQLite', async () => {
    const { out: text } = await sample('as-csv-too')
    const { out, report } = await sample('as-sqlite', { format: 'sqlite' })
    const db = new Database(join(out, 'plant.sqlite'), { readonly: true })
    for (const name of names) {
      const found = db.query(`SELECT * FROM ${name}`).all() as Record<string, unknown>[]
      expect(found.map((row) => Object.values(row).map((cell) => String(cell ?? '')))).toEqual(
        rows(text, name).map((row) => Object.values(row)),
      )
    }
    expect(db.query(`SELECT count(*) AS n FROM ${ITEM_TABLE} WHERE ITEM_SUFFIX = ''`).get()).not.toEqual({ n: 0 })
    db.close()
    expect(report.files.map((path) => path.slice(out.length + 1))).toEqual(['plant.sqlite', 'mapping.json'])
  })
  test('replaces the sample of another format, so that a folder is one plant', async () => {
    const { out } = await sample('twice')
    await sample('twice', { format: 'sqlite' })
    expect(readdirSync(out).sort()).toEqual(['mapping.json', 'plant.sqlite'])
  })
})

test('an impossible size or seed is refused and leaves nothing', async () => {
  for (const options of [{ items: 0 }, { items: 1.5 }, { items: Number.NaN }, { seed: -1 }, { seed: 2 ** 32 }]) {
    const failure = await sample('refused', options).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(DomainError)
    expect((failure as DomainError).code).toBe('invalid_value')
  }
  expect(existsSync(join(root, 'refused'))).toBe(false)
})

test('a write that breaks off leaves no half files', async () => {
  const failure = await sample('broken', {
    items: 5_000,
    onProgress: () => {
      throw new Error('stopped')
    },
  }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  expect(readdirSync(join(root, 'broken'))).toEqual([])
})
