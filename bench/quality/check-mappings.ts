/**
 * Reads every folder of real data through its own mapping and the ordinary adapters, and prints what came of it: counts,
 * row accounts and findings. `bun bench/quality/check-mappings.ts [NAME …]`; skips aloud where the data is absent.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DomainError } from '../../server/domain/error'
import type { Extraction } from '../../server/domain/plant'
import { extract } from '../../server/pipeline/extract'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { openSource } from '../../server/source/open'
import { dataFolder, mappingFolder, sourceOf } from './mapping-sources'

if (!existsSync(dataFolder)) {
  console.log(`skipped: no data at ${dataFolder}`)
  process.exit(0)
}
let failures = 0
const asked = process.argv.slice(2)
for (const file of readdirSync(mappingFolder).sort()) {
  if (!file.endsWith('.json')) continue
  const name = file.replace(/\.json$/, '')
  if (asked.length > 0 && !asked.includes(name)) continue
  for (const path of sourceOf[name] ?? []) {
    console.log(`\n== ${name} from ${path}`)
    try {
      await check(join(mappingFolder, file), join(dataFolder, path))
    } catch (error) {
      if (!(error instanceof DomainError)) throw error
      failures++
      console.log(`FAILED ${error.code}: ${error.message}`)
      for (const { path: at, message } of error.details ?? []) console.log(`  ${at}: ${message}`)
    }
  }
  if (sourceOf[name] === undefined) {
    failures++
    console.log(`FAILED: no source is known for the mapping ${name}`)
  }
}
if (failures > 0) process.exit(1)

async function check(mappingPath: string, sourcePath: string): Promise<void> {
  const started = performance.now()
  const source = await openSource(sourcePath)
  try {
    const extraction = await extract(source, await loadMapping(mappingPath))
    print(extraction, performance.now() - started)
  } finally {
    await source.close()
  }
}

function print({ plant, accounts, findings }: Extraction, milliseconds: number): void {
  const { items, routings, steps, results } = plant
  const routed = items.keys.filter((_, item) => routings.itemOffsets[item]! < routings.itemOffsets[item + 1]!).length
  console.log(
    `${items.count} items (${routed} with a routing), ${routings.count} routings, ${steps.count} steps, ${results.count} results; ${Math.round(milliseconds)} ms`,
  )
  for (const { table, read, used, filtered, bad } of accounts) {
    const sum = used + filtered + bad === read ? '' : ' DOES NOT ADD UP'
    console.log(`  ${table}: read ${read} = used ${used} + filtered ${filtered} + bad ${bad}${sum}`)
    if (sum !== '') failures++
  }
  for (const { name, column } of items.features) {
    const filled =
      column.kind === 'number' ? column.values.filter((value) => !Number.isNaN(value)) : column.codes.filter((code) => code !== 0)
    const distinct = column.kind === 'text' ? `${column.dictionary.length - 1} values` : `${Math.min(...filled)} to ${Math.max(...filled)}`
    console.log(`  ${name}: ${filled.length} filled, ${distinct}`)
  }
  console.log(`  operations ${steps.operation.dictionary.length - 1}, resources ${steps.resource.dictionary.length - 1}, ${timesOf(plant)}`)
  for (const { severity, rule, table, column, count, examples } of findings) {
    const shown = examples.slice(0, 3).map(({ row, value }) => `row ${row} ${JSON.stringify(value)}`)
    console.log(`  ${severity} ${rule} ${table}${column === null ? '' : `.${column}`}: ${count} (${shown.join(', ')})`)
  }
}

function timesOf({ steps, results }: Extraction['plant']): string {
  const filled = (values: Float64Array) => values.filter((value) => !Number.isNaN(value)).sort()
  const shown = (name: string, values: Float64Array) => {
    const sorted = filled(values)
    return sorted.length === 0 ? '' : `${name} ${sorted.length} (median ${sorted[sorted.length >> 1]!.toFixed(4)} min)`
  }
  const times = [
    shown('setup', steps.setup),
    shown('run', steps.run),
    shown('actual setup', steps.actualSetup),
    shown('actual run', steps.actualRun),
    shown('samples of setup', results.setup),
    shown('samples of run', results.run),
  ].filter((text) => text !== '')
  return times.length === 0 ? 'no times' : times.join(', ')
}
