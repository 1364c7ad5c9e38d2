import { afterEach, beforeEach, expect, test } from 'bun:test'
import { mkdtempSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DatabaseFile, guardStore, watchDatabaseFile } from '../../server/store/database-file'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { fileStamps } from '../../server/store/schema'
import { writeTransaction } from '../../server/store/write-transaction'

let directory: string
let path: string
let db: Db
let file: DatabaseFile
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'database-file-'))
  path = join(directory, 'db.sqlite')
  const opened = openStore(path)
  file = watchDatabaseFile(path, { lookMs: 60_000 })
  db = guardStore(opened, file)
})
afterEach(() => {
  file.stop()
  closeStore(db)
  rmSync(directory, { recursive: true })
})

const write = (name: string) =>
  writeTransaction(db, (tx) =>
    tx
      .insert(fileStamps)
      .values({ path: name, dev: '1', ino: '1', size: 1, mtimeNs: '1', ctimeNs: '1', sha256: 'x', verifiedAtMs: 1 })
      .run(),
  )

test('a database that is the one under its name takes writes', async () => {
  await file.look()
  expect(file.isReplaced()).toBe(false)
  await write('a')
  expect(file.walBytes()).toBeGreaterThanOrEqual(0)
})

test('one that was moved away or replaced takes none, is read on, and takes them again when it is back', async () => {
  renameSync(path, `${path}.away`)
  await file.look()
  expect(file.isReplaced()).toBe(true)
  await expect(write('a')).rejects.toMatchObject({ code: 'database_unavailable' })
  expect(db.select({ path: fileStamps.path }).from(fileStamps).all()).toEqual([])
  await Bun.write(path, 'another file')
  await file.look()
  await expect(write('a')).rejects.toMatchObject({ code: 'database_unavailable' })
  renameSync(`${path}.away`, path)
  await file.look()
  await write('a')
  expect(db.select({ path: fileStamps.path }).from(fileStamps).all()).toEqual([{ path: 'a' }])
})
