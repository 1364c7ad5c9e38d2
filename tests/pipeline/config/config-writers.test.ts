import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConfigStore } from '../../../server/pipeline/config/config-store'
import { listAudit, verifyAuditChain } from '../../../server/store/audit'
import { currentRevision, listRevisions } from '../../../server/store/document'
import { closeStore, openStore } from '../../../server/store/open'

const folder = mkdtempSync(join(tmpdir(), 'routewright-config-writers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const writer = (...args: string[]) =>
  Bun.spawn([process.execPath, join(import.meta.dir, 'config-writer.ts'), ...args], { stdout: 'pipe', stderr: 'inherit' })
const name = 'default'

test('64 writers in four processes: revisions without a gap, one audit row each, no change lost', async () => {
  const path = join(folder, 'many.sqlite')
  closeStore(openStore(path))
  const [processes, writers, patches] = [4, 16, 3]
  const children = Array.from({ length: processes }, (_, at) => writer('patch', path, `p${at}`, String(writers), String(patches)))
  const stale = await Promise.all(
    children.map(async (child) => {
      const text = await new Response(child.stdout).text()
      expect(await child.exited).toBe(0)
      return (JSON.parse(text) as { stale: number }).stale
    }),
  )
  // else nobody was ever in another's way, and nothing was tried
  expect(stale.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0)
  const db = openStore(path)
  const all = processes * writers * patches
  const revisions: number[] = []
  for (let before = Number.MAX_SAFE_INTEGER; before > 1; before = revisions.at(-1)!)
    revisions.push(...listRevisions(db, { kind: 'runtime_config', name, before }).map(({ revision }) => revision))
  expect(revisions).toEqual(Array.from({ length: all }, (_, at) => all - at))
  const rows = listAudit(db, { limit: all + 1 }).map(({ details }) => (JSON.parse(details) as { revision: number }).revision)
  expect(rows).toEqual(revisions)
  expect(verifyAuditChain(db)).toBeNull()
  const { weights } = createConfigStore({ db, mirrorPath: null }).current().config.search
  expect(Object.keys(weights)).toHaveLength(processes * writers)
  expect(new Set(Object.values(weights))).toEqual(new Set([patches / 1_000]))
  closeStore(db)
}, 60_000)

test('a process killed in the middle of a change leaves the old or the new revision, with its audit row', async () => {
  const path = join(folder, 'killed.sqlite')
  const mirrorPath = join(folder, 'runtime_config.json')
  closeStore(openStore(path))
  const found = { old: 0, new: 0 }
  for (let round = 0; round < 80 && (round < 12 || found.old === 0 || found.new === 0); round++) {
    const child = writer('one-by-one', path)
    let text = ''
    const reader = child.stdout.getReader()
    const until = 2 + Math.floor(Math.random() * 4)
    while (text.split('start').length <= until) {
      const { done, value } = await reader.read()
      if (done) break
      text += new TextDecoder().decode(value)
    }
    const after = performance.now() + 3 * Math.random()
    while (performance.now() < after);
    child.kill('SIGKILL')
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += new TextDecoder().decode(part.value)
    await child.exited
    // what was promised, and whether one more was under way
    const promised = Number([...text.matchAll(/done (\d+)\n/g)].at(-1)?.[1] ?? 0)
    const isUnderWay = text.trimEnd().endsWith('start')
    const db = openStore(path)
    const revision = currentRevision(db, 'runtime_config')?.revision ?? 0
    expect([promised, promised + 1]).toContain(revision)
    if (isUnderWay) found[revision === promised ? 'old' : 'new']++
    expect(listAudit(db, { limit: 1 }).map(({ details }) => JSON.parse(details).revision)).toEqual(revision === 0 ? [] : [revision])
    expect(listRevisions(db, { kind: 'runtime_config', name, limit: 1 }).map((row) => row.revision)).toEqual(
      revision === 0 ? [] : [revision],
    )
    expect(db.$client.query<{ integrity_check: string }, []>('PRAGMA integrity_check').get()?.integrity_check).toBe('ok')
    expect(verifyAuditChain(db)).toBeNull()
    // the mirror is made anew at the start
    const store = createConfigStore({ db, mirrorPath })
    store.start()
    await store.close()
    expect((JSON.parse(readFileSync(mirrorPath, 'utf8')) as { revision: number }).revision).toBe(revision)
    closeStore(db)
  }
  // else the window was never hit
  expect(found.old).toBeGreaterThan(0)
  expect(found.new).toBeGreaterThan(0)
}, 120_000)
