import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { dataFolder, mappingFolder, sourceOf } from '../../bench/quality/mapping-sources'
import { extract } from '../../server/pipeline/extract'
import { loadMapping } from '../../server/pipeline/mapping-file'
import { openSource } from '../../server/source/open'

const present = existsSync(dataFolder)
if (!present) console.log(`skipped: no data at ${dataFolder}`)

async function extracted(name: string, path: string) {
  const source = await openSource(join(dataFolder, path))
  try {
    return await extract(source, await loadMapping(join(mappingFolder, `${name}.json`)))
  } finally {
    await source.close()
  }
}

describe.skipIf(!present)('real plants', () => {
  test.each(Object.entries(sourceOf).flatMap(([name, paths]) => paths.map((path) => [name, path] as const)))(
    '%s from %s: every row is accounted for, none is bad',
    async (name, path) => {
      const { plant, accounts } = await extracted(name, path)
      for (const { read, used, filtered, bad } of accounts) {
        expect(bad).toBe(0)
        expect(used + filtered).toBe(read)
      }
      expect(plant.routings.count).toBeGreaterThan(0)
      expect(plant.steps.count).toBe(plant.routings.stepOffsets.at(-1)!)
    },
  )

  test.each(['adventureworks', 'adventureworks-korean', 'adventureworks-parquet'])(
    '%s: 67,131 rows of 42,625 orders make 149 routings',
    async (name) => {
      const { plant, accounts } = await extracted(name, sourceOf[name][0])
      expect(accounts[1]).toMatchObject({ read: 67_131, used: 67_131 })
      expect(plant.routings.count).toBe(149)
      expect(plant.routings.orders.reduce((sum, orders) => sum + orders)).toBe(42_625)
      expect(plant.results.count).toBe(67_131)
      const signatures = new Set(
        Array.from(plant.routings.label, (_, at) =>
          plant.steps.operation.codes.slice(plant.routings.stepOffsets[at], plant.routings.stepOffsets[at + 1]).join(),
        ),
      )
      expect(signatures.size).toBe(7)
    },
  )
})
