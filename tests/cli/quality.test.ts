/** The commands that measure and compare, as processes, on a small plant. */
import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { QualityReport } from '../../server/contract/quality'
import { writeSample } from '../../server/pipeline/sample'
import { temporaryDirectory } from '../artifacts/sample-version'

const main = join(import.meta.dir, '..', '..', 'server', 'main.ts')
const folder = temporaryDirectory()
const sample = join(folder, 'sample')
const plant = ['--source', sample, '--mapping', join(sample, 'mapping.json')]
const place = ['--models', join(folder, 'models'), '--database', join(folder, 'rw.sqlite')]

async function routewright(...args: string[]) {
  const child = Bun.spawn([process.execPath, main, ...args], { stdout: 'pipe', stderr: 'pipe', cwd: folder })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { exit: await child.exited, out, error, json: () => JSON.parse(out) }
}

beforeAll(() => writeSample({ out: sample, items: 150, seed: 5 }))

describe('routewright evaluate', () => {
  test('--decay asks the same items in five ways after one training a fold, and --html writes the page', async () => {
    const html = join(folder, 'report.html')
    const { exit, json, error } = await routewright(
      'evaluate',
      ...plant,
      '--folds',
      '2',
      '--decay',
      '--html',
      html,
      '--password',
      'secret word',
      '--json',
    )
    expect({ exit, error: error.includes('error') }).toEqual({ exit: 0, error: false })
    const { report, items } = json()
    expect([...Value.Errors(QualityReport, report)]).toEqual([])
    expect(report.protocols.map(({ name }: { name: string }) => name)).toEqual([
      'item',
      'item, 10 % blanked',
      'item, 30 % blanked',
      'item, 50 % blanked',
      'item, one unseen value',
    ])
    for (const protocol of report.protocols) expect(protocol.cases).toBe(items)
    const shares = report.protocols.map(({ blanked }: { blanked: number }) => blanked)
    for (const [at, share] of [0, 0.1, 0.3, 0.5, 0].entries()) expect(Math.abs(shares[at] - share)).toBeLessThan(0.05)
    expect(report.measured).toMatchObject({ by: 'evaluation', folds: 2, command: expect.stringContaining('evaluate --source') })
    const page = readFileSync(html, 'utf8')
    expect(page).toContain('30 % of the attributes left out')
    expect(JSON.stringify(report) + page).not.toContain('secret')
  }, 60_000)

  test('as text it has the table of decay; --blank beside --decay is refused', async () => {
    const { out } = await routewright('evaluate', ...plant, '--folds', '2', '--items-max', '20', '--decay')
    expect(out).toMatch(/asked with +cases +EM@1/)
    expect(out).toMatch(/item, 50 % blanked +\d+ +0\.\d+/)
    expect(out).toContain('pinball loss p10')
    expect(await routewright('evaluate', ...plant, '--decay', '--blank', '0.3')).toMatchObject({ exit: 2, out: '' })
  }, 60_000)
})

describe('routewright models compare', () => {
  test('prints two trained versions side by side', async () => {
    for (let run = 0; run < 2; run++) expect((await routewright('train', ...plant, ...place, '--json')).exit).toBe(0)
    const { versions } = (await routewright('models', 'list', ...place, '--json')).json()
    const [a, b] = versions.map(({ version }: { version: string }) => version)
    const { exit, out } = await routewright('models', 'compare', a, b, ...place)
    expect(exit).toBe(0)
    expect(out).toMatch(/item: EM@1 +0\.\d+ +0\.\d+/)
    expect(out).toContain(`${a} is not clearly worse than ${b}.`)
    expect((await routewright('models', 'compare', a, b, ...place, '--json')).json()).toMatchObject({ a, b, verdict: 'not worse' })
    expect((await routewright('models', 'compare', a, '2020.01.01_1', ...place)).exit).toBe(66)
    const activated = await routewright('models', 'activate', a, ...place, '--json')
    expect(activated.json()).toMatchObject({ version: a, warning: null })
    expect((await routewright('models', 'activate', b, '--force', ...place)).exit).toBe(2)
    expect(existsSync(join(folder, 'models', b, 'quality.json'))).toBe(true)
  }, 90_000)
})
