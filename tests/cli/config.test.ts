import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { listAudit } from '../../server/store/audit'
import { closeStore, openStore } from '../../server/store/open'

const folder = mkdtempSync(join(tmpdir(), 'routewright-config-cli-'))
const database = join(folder, 'routewright.sqlite')
closeStore(openStore(database))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function config(...args: string[]) {
  const main = join(import.meta.dir, '..', '..', 'server', 'main.ts')
  const child = Bun.spawn([process.execPath, main, 'config', ...args, '--database', database], {
    stdout: 'pipe',
    stderr: 'pipe',
    cwd: folder,
  })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { exit: await child.exited, out, error, json: () => JSON.parse(out) }
}
const problem = ({ exit, error }: Awaited<ReturnType<typeof config>>) => [exit, (JSON.parse(error) as { code: string }).code]

test('operators see, change, compare and bring back the configuration', async () => {
  expect((await config('show', '--json')).json()).toMatchObject({ revision: 0, changed: [] })
  expect((await config('history')).out).toContain('defaults')
  const changed = (await config('set', 'search.efSearch', '256', '--note', 'wider', '--json')).json()
  expect(changed).toMatchObject({ revision: 1, changed: [{ path: '/search/efSearch', before: 96, after: 256 }] })
  expect((await config('set', '/search/weights/OD~1ID', '2')).out).toContain('Revision 2 is valid now')
  expect((await config('set', 'times.strategy.profile', 'quantile', '--json')).json().config.times.strategy.profile).toBe('quantile')
  expect((await config('set', 'times.strategy.profile', 'null', '--json')).json().config.times.strategy.profile).toBe('sigma')
  expect((await config('set', 'search.efSearch', '256')).out).toContain('so already (revision 4)')
  expect((await config('diff', '0', '2', '--json')).json().changes.map(({ path }: { path: string }) => path)).toEqual([
    '/search/efSearch',
    '/search/weights/OD~1ID',
  ])
  expect((await config('revert', '0', '--note', 'enough')).out).toContain('the defaults')
  const { revisions } = (await config('history', '--json')).json()
  expect(revisions[0]).toMatchObject({ revision: 5, revertOf: 0, note: 'enough' })
  expect((await config('show')).out).toContain('Revision 5, the defaults')
  expect(JSON.parse(readFileSync(join(folder, 'runtime_config.json'), 'utf8'))).toMatchObject({ revision: 5 })
  const db = openStore(database)
  const rows = listAudit(db)
  closeStore(db)
  expect(rows.map(({ action }) => action)).toEqual(['config.revert', ...Array(4).fill('config.patch')])
  expect(rows.every(({ actor }) => actor.startsWith('cli'))).toBe(true)
}, 30_000)

test('what is wrong is refused with its place and changes nothing', async () => {
  const before = (await config('show')).out
  const refused = await config('set', 'search.efSearch', '5', '--json')
  expect(problem(refused)).toEqual([65, 'invalid_value'])
  expect(refused.error).toContain('/search/efSearch')
  expect(problem(await config('set', 'nonsense', '5', '--json'))).toEqual([65, 'invalid_value'])
  expect(problem(await config('set', 'search..x', '5', '--json'))).toEqual([2, 'bad_request'])
  expect(problem(await config('revert', '99', '--json'))).toEqual([66, 'revision_unknown'])
  expect(problem(await config('diff', '0', 'x', '--json'))).toEqual([2, 'bad_request'])
  expect((await config('show')).out).toBe(before)
}, 30_000)
