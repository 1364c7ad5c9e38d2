import { beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, existsSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { register } from '../../server/pipeline/registry'
import { activateVersion, readState, takenNames } from '../../server/store/model-version'
import { closeStore, openStore } from '../../server/store/open'
import { publishSample, temporaryDirectory } from '../artifacts/sample-version'

const root = join(import.meta.dir, '..', '..')
const main = join(root, 'server', 'main.ts')

interface Place {
  models: string
  database: string
  versions: string[]
}

async function routewright(args: string[], { models, database }: Pick<Place, 'models' | 'database'>) {
  const all = [process.execPath, main, ...args, '--models', models, '--database', database]
  // Not from the repository's folder: nothing may depend on where it is called.
  const child = Bun.spawn(all, { stdout: 'pipe', stderr: 'pipe', cwd: dirname(models) })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { exit: await child.exited, out, error, json: () => JSON.parse(out) }
}

/** A registry with versions whose files are sound but are no model. */
async function place(count: number): Promise<Place> {
  const directory = temporaryDirectory()
  const [models, database, versions] = [join(directory, 'm'), join(directory, 'rw.sqlite'), [] as string[]]
  const db = openStore(database)
  for (let nth = 0; nth < count; nth++) {
    const { version } = await publishSample(models)
    await register(db, models, { version, who: 'trainer' })
    versions.push(version)
  }
  if (count > 0) {
    await activateVersion(db, { version: versions[0], kind: 'activate', who: 'eva', why: '', ifEpoch: 0, now: new Date() })
  }
  closeStore(db)
  return { models, database, versions }
}

describe('routewright models', () => {
  let here: Place
  beforeAll(async () => {
    here = await place(2)
  })

  test('list shows the newest first, as a table and as JSON', async () => {
    const text = await routewright(['models', 'list'], here)
    expect(text).toMatchObject({ exit: 0, error: '' })
    const lines = text.out.trim().split('\n')
    expect(lines).toHaveLength(3)
    expect(lines[1]).toMatch(/^2026\.11\.21_2 +registered +60 +300 +7\.1 kB/)
    expect(lines[2]).toMatch(/^2026\.11\.21_1 +active/)
    const { state, versions, ledger } = (await routewright(['models', 'list', '--json'], here)).json()
    expect(state).toMatchObject({ active: here.versions[0], epoch: 1 })
    expect(versions.map(({ version }: { version: string }) => version)).toEqual(here.versions.toReversed())
    expect(ledger).toHaveLength(1)
  })

  test('show prints the manifest and the files; an unknown or hostile name is no version', async () => {
    const { version, manifest, ledger } = (await routewright(['models', 'show', here.versions[0], '--json'], here)).json()
    expect(version.status).toBe('active')
    expect(manifest.dimensions).toBe(32)
    expect(ledger).toHaveLength(1)
    const { out } = await routewright(['models', 'show', here.versions[1]], here)
    expect(out).toContain('index.usearch')
    expect(out).toContain('Recall, standard  0.990')
    for (const name of ['2020.01.01_1', '../../../etc/passwd']) {
      const unknown = await routewright(['models', 'show', name, '--json'], here)
      expect(unknown).toMatchObject({ exit: 66, out: '' })
      expect(JSON.parse(unknown.error)).toMatchObject({ code: 'version_unknown' })
    }
  })

  test('check exits 65 and names the damaged file, and 0 when all is sound', async () => {
    const damaged = await place(2)
    expect((await routewright(['models', 'check', '--json'], damaged)).json().ok).toBe(true)
    const file = join(damaged.models, damaged.versions[1], 'vectors.f32')
    const bytes = readFileSync(file)
    chmodSync(file, 0o644)
    writeFileSync(file, bytes.with(7, bytes[7] ^ 1))
    const { exit, out } = await routewright(['models', 'check'], damaged)
    expect(exit).toBe(65)
    expect(out).toMatch(/2026\.11\.21_1 +ok/)
    expect(out).toMatch(/2026\.11\.21_2 +corrupt .*vectors\.f32/)
  })

  test('check works without a database and makes none', async () => {
    const bare = await place(1)
    const database = join(temporaryDirectory(), 'none.sqlite')
    chmodSync(join(bare.models, bare.versions[0]), 0o755)
    unlinkSync(join(bare.models, bare.versions[0], 'manifest.json'))
    const { exit, json } = await routewright(['models', 'check', '--json'], { ...bare, database })
    expect(exit).toBe(0)
    expect(json().versions).toMatchObject([{ version: bare.versions[0], status: 'manifest written', files: 5 }])
    expect(existsSync(database)).toBe(false)
  })

  test('list does not take a wrong path for an empty registry', async () => {
    const database = join(temporaryDirectory(), 'mistyped.sqlite')
    const { exit, error } = await routewright(['models', 'list'], { ...here, database })
    expect(exit).toBe(66)
    expect(error).toContain('no database yet')
    expect(existsSync(database)).toBe(false)
  })

  test('activate refuses a version whose files are sound but are no model, and the active one stays', async () => {
    const other = await place(2)
    const { exit, out } = await routewright(['models', 'activate', other.versions[1], '--why', 'try'], other)
    expect(exit).not.toBe(0)
    expect(out).toBe('')
    const db = openStore(other.database)
    expect(readState(db)).toMatchObject({ active: other.versions[0], epoch: 1 })
    closeStore(db)
    expect(await routewright(['models', 'rollback', '--json'], other)).toMatchObject({ exit: 66 })
  })

  test('delete removes the files of a version that nobody needs, never of the active one; its name stays known', async () => {
    const other = await place(2)
    expect(await routewright(['models', 'delete', other.versions[0], '--json'], other)).toMatchObject({ exit: 65, out: '' })
    const { exit, json } = await routewright(['models', 'delete', other.versions[1], '--json'], other)
    expect({ exit, said: json() }).toEqual({ exit: 0, said: { version: other.versions[1], filesRemoved: true } })
    expect(existsSync(join(other.models, other.versions[1]))).toBe(false)
    expect(await routewright(['models', 'activate', other.versions[1], '--json'], other)).toMatchObject({ exit: 66 })
    const db = openStore(other.database)
    expect(takenNames(db)).toEqual(other.versions)
    closeStore(db)
  })

  test('register takes up a folder from another machine', async () => {
    const [from, to] = [await place(1), join(temporaryDirectory(), 'new.sqlite')]
    const { exit, json } = await routewright(['models', 'register', from.versions[0], '--json'], { ...from, database: to })
    expect(exit).toBe(0)
    expect(json()).toMatchObject({ version: from.versions[0], status: 'registered' })
  })
})

describe('routewright doctor', () => {
  test('names each check with its outcome, and exits 1 when one fails', async () => {
    const here = await place(1)
    const { exit, json } = await routewright(['doctor', '--port', '0', '--json'], here)
    const { healthy, checks } = json()
    const outcome = Object.fromEntries(checks.map(({ name, status }: { name: string; status: string }) => [name, status]))
    // The version's files are sound, but no model.
    expect(outcome).toMatchObject({ runtime: 'ok', 'models folder': 'ok', database: 'ok', port: 'ok', 'active version': 'fail' })
    expect({ healthy, exit }).toEqual({ healthy: false, exit: 1 })
    for (const { status, advice } of checks) expect(advice === null).toBe(status === 'ok')
  })

  test('tells a port that another program holds, and a damaged database', async () => {
    const here = await place(1)
    const other = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {}, open: (socket) => void socket.end() } })
    writeFileSync(here.database, 'no database at all'.repeat(500))
    const { exit, out } = await routewright(['doctor', '--port', String(other.port)], here)
    other.stop(true)
    expect(exit).toBe(1)
    expect(out).toMatch(/FAIL +port .*taken by another program/)
    expect(out).toMatch(/FAIL +database /)
    expect(out).toContain('→ stop it, or take another port')
  })

  test('makes nothing on a fresh machine', async () => {
    const directory = temporaryDirectory()
    const fresh = { models: join(directory, 'm'), database: join(directory, 'data', 'rw.sqlite') }
    const { exit, out } = await routewright(['doctor', '--port', '0'], fresh)
    expect(out).toMatch(/warn +active version +no version serves yet/)
    expect(exit).toBe(0)
    expect(existsSync(fresh.models)).toBe(false)
    expect(existsSync(join(directory, 'data'))).toBe(false)
  })
})
