import { Database } from 'bun:sqlite'
import { describe, expect, test } from 'bun:test'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import journal from '../../drizzle/meta/_journal.json'
import { readState, registerVersion } from '../../server/store/model-version'
import { closeStore, openStore } from '../../server/store/open'
import { writeTransaction } from '../../server/store/write-transaction'
import { temporaryDirectory } from '../artifacts/sample-version'
import { registration } from './sample-manifest'

const problem = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return error
  }
}

describe('opening the database', () => {
  test('makes the folder, the file and all tables from nothing; a second time changes nothing', () => {
    const path = join(temporaryDirectory(), 'deep', 'er', 'rw.sqlite')
    const db = openStore(path)
    expect(db.$client.query('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
    expect(db.$client.query('PRAGMA synchronous').get()).toEqual({ synchronous: 2 })
    expect(db.$client.query('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 })
    expect(readState(db)).toEqual({ active: null, previous: null, epoch: 0, changedAt: null })
    closeStore(db)
    expect(existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0).toBe(0)
    const shape = () => new Database(path, { readonly: true }).query('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
    const before = shape()
    closeStore(openStore(path))
    expect(shape()).toEqual(before)
  })

  test('works from another folder and by eight processes at once', async () => {
    const directory = temporaryDirectory()
    const open = join(import.meta.dir, '..', '..', 'server', 'store', 'open.ts')
    const code = `import { openStore, closeStore } from ${JSON.stringify(open)}; closeStore(openStore('rw.sqlite'))`
    const all = Array.from({ length: 8 }, () => Bun.spawn([process.execPath, '-e', code], { cwd: directory, stderr: 'pipe' }))
    const outcomes = await Promise.all(all.map(async (one) => [await one.exited, await new Response(one.stderr).text()]))
    expect(outcomes).toEqual(all.map(() => [0, '']))
    const db = openStore(join(directory, 'rw.sqlite'))
    expect(db.$client.query('SELECT count(*) AS n, count(DISTINCT hash) AS hashes FROM __drizzle_migrations').get()).toEqual({
      n: journal.entries.length,
      hashes: journal.entries.length,
    })
    closeStore(db)
  }, 20_000)

  test('refuses what is no database and what a newer release wrote', () => {
    const path = join(temporaryDirectory(), 'rw.sqlite')
    writeFileSync(path, 'this is no database, whatever its name says '.repeat(100))
    expect(problem(() => openStore(path))).toMatchObject({ code: 'database_unavailable' })
    expect(problem(() => openStore(join(path, 'below-a-file.sqlite')))).toMatchObject({ code: 'database_unavailable' })
    const newer = join(temporaryDirectory(), 'rw.sqlite')
    const db = openStore(newer)
    db.$client.run("INSERT INTO __drizzle_migrations (hash, created_at) VALUES ('x', 99999999999999)")
    closeStore(db)
    expect(problem(() => openStore(newer))).toMatchObject({ code: 'database_unavailable' })
  })
})

describe('while another process keeps the database locked', () => {
  const locked = async (holdMs: number) => {
    const path = join(temporaryDirectory(), 'rw.sqlite')
    const db = openStore(path)
    await registerVersion(db, registration('2026.11.21_1'))
    const other = Bun.spawn([process.execPath, join(import.meta.dir, 'lock-holder.ts'), path, String(holdMs)], { stdout: 'pipe' })
    await other.stdout.getReader().read()
    return { db, other }
  }

  test('reads go on, a write gives up as busy after the time it may wait, and the event loop is never stopped', async () => {
    const { db, other } = await locked(30_000)
    let longestGapMs = 0
    let last = performance.now()
    const ticks = setInterval(() => {
      longestGapMs = Math.max(longestGapMs, performance.now() - last)
      last = performance.now()
      expect(readState(db).epoch).toBe(0)
    }, 5)
    const started = performance.now()
    await expect(registerVersion(db, registration('2026.11.21_2'))).rejects.toMatchObject({ code: 'busy', status: 503 })
    const waitedMs = performance.now() - started
    clearInterval(ticks)
    expect(waitedMs).toBeWithin(1_900, 3_000)
    expect(longestGapMs).toBeLessThan(500)
    other.kill('SIGKILL')
    await other.exited
    await registerVersion(db, registration('2026.11.21_2'))
    closeStore(db)
  }, 20_000)

  test('a write that comes a little too early waits and succeeds', async () => {
    const { db, other } = await locked(300)
    await registerVersion(db, registration('2026.11.21_2'))
    await other.exited
    closeStore(db)
  }, 20_000)
})

test('a transaction that throws leaves nothing behind', async () => {
  const db = openStore(':memory:')
  const act = writeTransaction(db, (tx) => {
    tx.run('UPDATE model_state SET epoch = 7')
    throw new Error('no')
  })
  await expect(act).rejects.toThrow('no')
  expect(readState(db).epoch).toBe(0)
})
