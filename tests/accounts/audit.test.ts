import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { AuditList } from '../../server/contract/audit'
import { anchorAudit } from '../../server/pipeline/accounts/audit-trail'
import { appendAudit, auditHead } from '../../server/store/audit'
import { writeTransaction } from '../../server/store/write-transaction'
import { type PeopleApp, startPeopleApp } from './people-app'

let app: PeopleApp
beforeAll(async () => {
  app = startPeopleApp()
  await app.person('eva', { role: 'admin' })
  await writeTransaction(app.db, (tx) => {
    for (let nth = 1; nth <= 2_500; nth++) {
      const action = nth % 10 === 0 ? 'config.patch' : nth % 2 === 0 ? 'account.approve' : 'accounting.x'
      appendAudit(tx, { at: new Date(nth), actor: nth % 3 === 0 ? 'ben' : 'eva', action, subject: String(nth) })
    }
  })
})
afterAll(() => app.stop())

const read = async (query = ''): Promise<AuditList> => (await app.ask('eva', 'GET', `/api/v1/audit${query}`)).json()

test('the audit is read in pages, each row once', async () => {
  const seen: number[] = []
  let next: number | null = null
  do {
    const page: AuditList = await read(`?limit=200${next === null ? '' : `&before=${next}`}`)
    expect(Value.Check(AuditList, page)).toBe(true)
    seen.push(...page.entries.map(({ id }) => id))
    next = page.next
  } while (next !== null)
  expect(seen).toEqual(Array.from({ length: 2_500 }, (_, nth) => 2_500 - nth))
})

test('it is filtered by action, by the first part of it, and by actor', async () => {
  const all = async (query: string) => (await read(`?limit=200${query}`)).entries
  expect((await all('&action=config.patch')).length).toBe(200)
  expect(new Set((await all('&action=account')).map(({ action }) => action))).toEqual(new Set(['account.approve']))
  expect(new Set((await all('&actor=ben')).map(({ actor }) => actor))).toEqual(new Set(['ben']))
  expect(await all('&actor=nobody')).toEqual([])
  for (const query of ['?limit=0', '?limit=201', '?before=0', '?action=%25', "?action=a'b", '?order=asc']) {
    expect((await app.ask('eva', 'GET', `/api/v1/audit${query}`)).status).toBe(422)
  }
})

test('every day the newest hash goes to the log', async () => {
  const written: unknown[] = []
  const stop = anchorAudit(app.db, { write: (anchor) => written.push(anchor), everyMs: 20, firstMs: 1 })
  while (written.length < 2) await Bun.sleep(5)
  stop()
  expect(written[0]).toEqual({ event: 'audit.anchor', ...auditHead(app.db), ok: true })
})

test('the chain says where somebody tampered, and the rows are still readable', async () => {
  const chain = async () => (await app.ask('eva', 'GET', '/api/v1/audit/chain')).json()
  expect(await chain()).toEqual({ ok: true, brokenAt: null })
  const raw = new Database(app.databasePath)
  expect(() => raw.run("update audit set actor = 'mallory' where id = 1500")).toThrow()
  expect(() => raw.run('delete from audit where id = 1500')).toThrow()
  for (const [trigger] of raw.query("select name from sqlite_schema where type = 'trigger' and tbl_name = 'audit'").values())
    raw.run(`drop trigger "${trigger}"`)
  raw.run("update audit set details = 'no json' where id = 2000")
  expect(await chain()).toEqual({ ok: false, brokenAt: 2_000 })
  expect((await read('?before=2001&limit=1')).entries[0]!.details).toEqual({ unreadable: true })
  raw.run("update audit set actor = 'mallory' where id = 1500")
  expect(await chain()).toEqual({ ok: false, brokenAt: 1_500 })
  raw.run('delete from audit where id >= 1400')
  expect(await chain()).toEqual({ ok: false, brokenAt: 1_400 })
  raw.close()
})
