import { Database } from 'bun:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'bun:test'
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDailyBackup } from '../../server/pipeline/daily-backup'
import { appendAudit, listAudit, verifyAuditChain } from '../../server/store/audit'
import { BACKUPS_KEPT, backUp, damageOf, listBackups } from '../../server/store/backup'
import { repairDatabase } from '../../server/store/damaged-database'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { writeTransaction } from '../../server/store/write-transaction'

let folder: string
let path: string
const at = (day: number) => new Date(Date.UTC(2026, 10, day, 3))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'routewright-backup-'))
  path = join(folder, 'rw.sqlite')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const note = (db: Db, subject: string) =>
  writeTransaction(db, (tx) =>
    appendAudit(tx, { at: at(1), actor: 'test', action: 'note', subject, details: { padding: 'x'.repeat(2_000) } }),
  )
const subjects = (db: Db) =>
  listAudit(db)
    .map((row) => row.subject)
    .sort()

/** Writes over pages in the middle of the file. */
function damage(file: string): void {
  const handle = openSync(file, 'r+')
  const pages = Math.floor(statSync(file).size / 4096)
  for (let page = 2; page < pages; page += 2) writeSync(handle, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
  closeSync(handle)
}

describe('a copy of the database', () => {
  test('holds what was committed, is made while others write, and only its owner may read it', async () => {
    const db = openStore(path)
    await note(db, 'before')
    const { path: copy, bytes } = backUp(path, { now: at(1) })
    await note(db, 'after')
    closeStore(db)
    expect(statSync(copy)).toMatchObject({ size: bytes })
    expect(statSync(copy).mode & 0o077).toBe(0)
    const restored = openStore(copy)
    expect(subjects(restored)).toEqual(['before'])
    expect(verifyAuditChain(restored)).toBeNull()
    closeStore(restored)
  })

  test('the newest seven stay, and a half one is none', () => {
    closeStore(openStore(path))
    for (let day = 1; day <= BACKUPS_KEPT + 3; day++) backUp(path, { now: at(day) })
    writeFileSync(join(folder, 'backups', 'rw.sqlite.20270101T000000-000Z.tmp'), 'half')
    const kept = listBackups(path)
    expect(kept.map((backup) => backup.at)).toEqual(
      Array.from({ length: BACKUPS_KEPT }, (_, back) => at(BACKUPS_KEPT + 3 - back).getTime()),
    )
  })

  test('of a damaged database is none', async () => {
    const db = openStore(path)
    for (let row = 0; row < 60; row++) await note(db, String(row))
    closeStore(db)
    damage(path)
    expect(() => backUp(path, { now: at(1) })).toThrow(expect.objectContaining({ code: 'database_unavailable' }))
    expect(readdirSync(join(folder, 'backups'))).toEqual([])
  })

  test('is made in a thread once a day, by one of the processes', async () => {
    closeStore(openStore(path))
    const events: object[] = []
    const daily = createDailyBackup({ databasePath: path, isMine: true, report: (event) => events.push(event), now: () => at(4) })
    expect(daily.newest()).toBeNull()
    const [one, other] = await Promise.all([daily.run(), daily.run()])
    expect(one).toEqual(other)
    expect(daily.newest()).toMatchObject({ at: at(4).getTime() })
    expect(events).toMatchObject([{ event: 'backup.made' }])
    rmSync(path)
    expect(await daily.run()).toBeNull()
    expect(daily.problem()).not.toBeNull()
  })
})

test('before a newer release changes the tables, the database is copied as it was', async () => {
  const db = openStore(path)
  await note(db, 'old')
  // as if the last migration were not known yet
  db.$client.run('DROP TABLE proposal_repeats')
  db.$client.run('DELETE FROM __drizzle_migrations WHERE created_at = (SELECT max(created_at) FROM __drizzle_migrations)')
  closeStore(db)
  expect(listBackups(path)).toHaveLength(0)
  closeStore(openStore(path))
  const [copy] = listBackups(path)
  const tables = new Database(copy.path, { readonly: true })
  expect(tables.query("SELECT name FROM sqlite_schema WHERE name = 'proposal_repeats'").get()).toBeNull()
  tables.close()
  closeStore(openStore(path))
  expect(listBackups(path)).toHaveLength(1)
})

describe('a damaged database', () => {
  /** As after a crash: with a write-ahead log left, so that the whole file is looked at. */
  async function crashed(): Promise<void> {
    const db = openStore(path)
    for (let row = 0; row < 60; row++) await note(db, String(row))
    closeStore(db)
    writeFileSync(`${path}-wal`, 'left over')
  }

  test('is put aside, and the newest sound copy serves', async () => {
    await crashed()
    rmSync(`${path}-wal`)
    backUp(path, { now: at(1) })
    const { path: newest } = backUp(path, { now: at(2) })
    damage(newest)
    damage(path)
    writeFileSync(`${path}-wal`, 'left over')
    const repair = repairDatabase(path, { now: at(3) })
    expect(repair).toMatchObject({ restored: expect.stringContaining('20261101') })
    expect(existsSync(repair!.kept)).toBe(true)
    expect(damageOf(path)).toBeNull()
    const db = openStore(path)
    expect(listAudit(db)).toHaveLength(60)
    closeStore(db)
  })

  test('without a copy begins anew, and the damaged file stays', async () => {
    await crashed()
    damage(path)
    expect(repairDatabase(path, { now: at(3) })).toMatchObject({ restored: null })
    expect(existsSync(path)).toBe(false)
    expect(readdirSync(folder).filter((name) => name.includes('damaged'))).not.toEqual([])
  })

  test('a file that is none of SQLite is put aside, closed or not; sound and absent ones are left alone', async () => {
    expect(repairDatabase(path, { now: at(1) })).toBeNull()
    await crashed()
    expect(repairDatabase(path, { now: at(1) })).toBeNull()
    rmSync(`${path}-wal`, { force: true })
    writeFileSync(path, 'this is a text and no database, but long enough to be looked at '.repeat(100))
    expect(repairDatabase(path, { now: at(1) })).not.toBeNull()
  })
})
