/** A commit of anybody is seen by the next look, and nothing else is. */
import { Database } from 'bun:sqlite'
import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { watchChanges } from '../../server/store/change-watch'
import { closeStore, openStore } from '../../server/store/open'

const folder = mkdtempSync(join(tmpdir(), 'routewright-change-'))
const path = join(folder, 'a.sqlite')
const db = openStore(path)
const other = new Database(path)
afterAll(() => {
  other.close()
  closeStore(db)
  rmSync(folder, { recursive: true })
})
const write = (connection: Database, name: string) =>
  connection.run("INSERT INTO api_keys (id, name, secret_hash, scopes, created_by, created_at) VALUES (?, ?, 'h', '[]', 'kim', 1)", [
    name,
    name,
  ])

test('commits of this connection, of another and of another process are changes, once each', async () => {
  const isUnchanged = watchChanges(db)
  expect([isUnchanged(), isUnchanged(), isUnchanged()]).toEqual([false, true, true])
  write(db.$client, 'own')
  expect([isUnchanged(), isUnchanged()]).toEqual([false, true])
  write(other, 'other')
  expect([isUnchanged(), isUnchanged()]).toEqual([false, true])
  other.run("UPDATE api_keys SET revoked_at = 5 WHERE id = 'own'")
  expect([isUnchanged(), isUnchanged()]).toEqual([false, true])
  db.$client.run("DELETE FROM api_keys WHERE id = 'own'")
  expect([isUnchanged(), isUnchanged()]).toEqual([false, true])
  const script = `new (require('bun:sqlite').Database)(${JSON.stringify(path)}).run("UPDATE api_keys SET revoked_at = 6")`
  expect(await Bun.spawn([process.execPath, '-e', script]).exited).toBe(0)
  expect([isUnchanged(), isUnchanged()]).toEqual([false, true])
})

test('what was not committed is no change for others, and reading is none', () => {
  const isUnchanged = watchChanges(db)
  isUnchanged()
  other.run('BEGIN IMMEDIATE')
  write(other, 'never')
  expect(isUnchanged()).toBe(true)
  other.run('ROLLBACK')
  expect(db.$client.query('SELECT count(*) AS n FROM api_keys').get()).toEqual({ n: 1 })
  expect(isUnchanged()).toBe(true)
})
