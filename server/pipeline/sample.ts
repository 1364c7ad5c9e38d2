/**
 * Writes a sample plant: three tables as CSV, Parquet or one SQLite file, and the mapping that reads them. Items are generated and
 * written one after the other, so memory does not grow with the plant. Files appear under their names only when they are whole.
 */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DomainError } from '../domain/error'
import { ITEM_TABLE, RESULT_TABLE, ROUTING_TABLE, sampleTables } from '../domain/sample/columns'
import { sampleMapping } from '../domain/sample/mapping'
import { sampleItem } from '../domain/sample/plant'
import { itemRow, resultRow, routingRows } from '../domain/sample/row'
import { openCsvTables, openParquetTables, openSqliteTables, type SampleTables } from './sample-table'

export const sampleFormats = ['csv', 'parquet', 'sqlite'] as const
export type SampleFormat = (typeof sampleFormats)[number]
/** Item codes have seven digits. */
export const sampleItemsMax = 9_999_999

export interface SampleOptions {
  /** Folder, made when absent; an earlier sample in it is replaced. */
  out: string
  items?: number
  /** 0 to 2³² − 1. */
  seed?: number
  format?: SampleFormat
  /** Called about once per 2,000 items. */
  onProgress?: (items: number) => void
}

export interface SampleReport {
  out: string
  items: number
  /** Items without a routing. */
  newItems: number
  routings: number
  /** Rows of the routing table. */
  operations: number
  results: number
  /** First routings in which the planner left the sequence that the rules ask for. */
  deviations: number
  /** Share of the routed items whose first routing follows the rules: no prediction can be exact more often, but by luck. */
  exactMatchCeiling: number
  seconds: number
  /** Paths, the mapping last. */
  files: string[]
}

const openers = { csv: openCsvTables, parquet: openParquetTables, sqlite: openSqliteTables } as const satisfies Record<
  SampleFormat,
  (out: string) => SampleTables
>

function checkOptions(items: number, seed: number): void {
  if (!Number.isInteger(items) || items < 1 || items > sampleItemsMax)
    throw new DomainError('invalid_value', `The number of items must be a whole number from 1 to ${sampleItemsMax}.`)
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw new DomainError('invalid_value', 'The seed must be a whole number from 0 to 4294967295.')
}

/** Items between two looks at the world: progress, signals. */
const ITEMS_PER_TURN = 2_000

/** Generates and writes a plant. Throws `invalid_value` for an impossible size or seed. */
export async function writeSample({ out, items = 20_000, seed = 1, format = 'csv', onProgress }: SampleOptions): Promise<SampleReport> {
  checkOptions(items, seed)
  const started = performance.now()
  mkdirSync(out, { recursive: true })
  const counts = { newItems: 0, routings: 0, operations: 0, results: 0, deviations: 0 }
  const tables = openers[format](out)
  let whole = false
  try {
    for (let index = 0; index < items; index++) {
      const item = sampleItem(seed, index)
      tables.add(ITEM_TABLE, itemRow(item))
      for (const routing of item.routings) {
        for (const row of routingRows(item, routing)) tables.add(ROUTING_TABLE, row)
        counts.operations += routing.steps.length
      }
      for (const report of item.reports) tables.add(RESULT_TABLE, resultRow(item, report))
      const slip = item.routings[0]?.slip ?? null
      if (slip === 'forgotten' || slip === 'swapped') counts.deviations++
      if (item.routings.length === 0) counts.newItems++
      counts.routings += item.routings.length
      counts.results += item.reports.length
      if ((index + 1) % ITEMS_PER_TURN === 0) {
        onProgress?.(index + 1)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    removeEarlier(out)
    const files = await tables.close()
    whole = true
    onProgress?.(items)
    return finish(out, items, counts, files, started)
  } finally {
    if (!whole) tables.abort()
  }
}

/** A folder is one plant: files of an earlier sample in another format would be read beside the new ones. */
function removeEarlier(out: string): void {
  for (const { name } of sampleTables) for (const ending of ['csv', 'parquet']) rmSync(join(out, `${name}.${ending}`), { force: true })
  rmSync(join(out, 'plant.sqlite'), { force: true })
}

function finish(
  out: string,
  items: number,
  counts: Pick<SampleReport, 'newItems' | 'routings' | 'operations' | 'results' | 'deviations'>,
  tableFiles: string[],
  started: number,
): SampleReport {
  const mappingFile = join(out, 'mapping.json')
  writeFileSync(`${mappingFile}.part`, `${JSON.stringify(sampleMapping, null, 2)}\n`)
  renameSync(`${mappingFile}.part`, mappingFile)
  const routed = items - counts.newItems
  return {
    out,
    items,
    ...counts,
    exactMatchCeiling: routed === 0 ? 0 : Math.round((1 - counts.deviations / routed) * 10_000) / 10_000,
    seconds: Math.round((performance.now() - started) / 10) / 100,
    files: [...tableFiles, mappingFile],
  }
}
