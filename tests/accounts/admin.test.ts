import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { Account, AccountList, SessionList } from '../../server/contract/account'
import type { AuditEntry, AuditList } from '../../server/contract/audit'
import { hashCode } from '../../server/pipeline/accounts/secret'
import { consumeResetCode } from '../../server/store/reset-code'
import { findSession, listSessions } from '../../server/store/session'
import { countAdmins, getUser, type User } from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'
import { type PeopleApp, password, startPeopleApp } from './people-app'

let app: PeopleApp
let eva: User
beforeAll(async () => {
  app = startPeopleApp()
  eva = await app.person('eva', { role: 'admin' })
  await app.person('ben', { role: 'admin' })
})
afterAll(() => app.stop())

const post = (who: string | null, { id }: { id: number }, act: string, body?: unknown) =>
  app.ask(who, 'POST', `/api/v1/accounts/${id}/${act}`, body)
const codeOf = async (answer: Response) => ({ status: answer.status, code: ((await answer.json()) as { code?: string }).code })
const lastAudit = async (): Promise<AuditEntry> => {
  const page: AuditList = await (await app.ask('eva', 'GET', '/api/v1/audit?limit=1')).json()
  return page.entries[0]!
}

describe('who registered', () => {
  test('is listed first, is let in, and the audit says by whom and what changed', async () => {
    const kim = await app.person('kim', { status: 'pending' })
    const list: AccountList = await (await app.ask('eva', 'GET', '/api/v1/accounts?limit=2')).json()
    expect(Value.Check(AccountList, list)).toBe(true)
    expect(list).toMatchObject({ total: 3, pending: 1 })
    expect(list.accounts.map(({ login }) => login)).toEqual(['kim', 'ben'])
    const answer = await post('eva', kim, 'approve', {})
    const account: Account = await answer.json()
    expect(answer.status).toBe(200)
    expect(Value.Check(Account, account)).toBe(true)
    expect(account).toMatchObject({ status: 'active', role: 'user', decidedBy: 'eva', decisionReason: null })
    expect(await lastAudit()).toMatchObject({
      actor: 'eva',
      action: 'account.approve',
      subject: 'kim',
      details: {
        account: kim.id,
        before: { status: 'pending', role: 'user' },
        after: { status: 'active', role: 'user' },
        requestId: answer.headers.get('x-request-id'),
      },
    })
    expect(await codeOf(await post('eva', kim, 'approve', {}))).toEqual({ status: 409, code: 'account_conflict' })
  })

  test('may be let in as an admin, or rejected with a reason and let in later', async () => {
    const [lea, tom] = [await app.person('lea', { status: 'pending' }), await app.person('tom', { status: 'pending' })]
    expect(await (await post('eva', lea, 'approve', { role: 'admin' })).json()).toMatchObject({ role: 'admin' })
    expect((await post('eva', tom, 'reject', {})).status).toBe(422)
    expect((await post('eva', tom, 'reject', { reason: '' })).status).toBe(422)
    const rejected = await (await post('eva', tom, 'reject', { reason: 'not of this plant' })).json()
    expect(rejected).toMatchObject({ status: 'rejected', decisionReason: 'not of this plant' })
    expect(await (await post('eva', tom, 'approve', {})).json()).toMatchObject({ status: 'active', decisionReason: null })
  })

  test('cannot be given more than the contract knows: role, status and all else in a body are refused and change nothing', async () => {
    const mia = await app.person('mia', { status: 'pending' })
    const bodies: [string, object][] = [
      ['approve', { role: 'owner' }],
      ['approve', { role: 'admin', status: 'active' }],
      ['approve', { id: eva.id }],
      ['approve', { actor: { id: null, name: 'system' } }],
      ['reject', { reason: 'x', status: 'active' }],
      ['reject', { reason: 'x', role: 'admin' }],
      ['role', { role: 'admin', tokenEpoch: 0 }],
      ['suspend', { reason: 'x', passwordHash: 'y' }],
    ]
    for (const [act, body] of bodies)
      expect(await codeOf(await post('eva', mia, act, body))).toEqual({ status: 422, code: 'invalid_value' })
    expect(getUser(app.db, mia.id)).toEqual(mia)
  })
})

test('nobody makes themselves more than they are, nor ends what is not theirs', async () => {
  const nia = await app.person('nia')
  for (const [path, body] of [
    ['/api/v1/auth/register', { login: 'zed', password, role: 'admin' }],
    ['/api/v1/auth/register', { login: 'zed', password, status: 'active' }],
    ['/api/v1/auth/login', { login: 'nia', password, role: 'admin' }],
    ['/api/v1/auth/password', { current: password, next: 'a meadow of 40 copper bells', role: 'admin' }],
    ['/api/v1/setup', { token: 'x', login: 'zed', password, role: 'admin' }],
  ] as const) {
    expect(await codeOf(await app.ask('nia', 'POST', path, body))).toEqual({ status: 422, code: 'invalid_value' })
  }
  await app.session(eva, 'eva-session-000000001')
  const foreign = await app.ask('nia', 'DELETE', '/api/v1/auth/sessions/eva-session-000000001')
  expect(await codeOf(foreign)).toEqual({ status: 404, code: 'session_unknown' })
  expect(findSession(app.db, 'eva-session-000000001')?.endedAt).toBeNull()
  expect(getUser(app.db, nia.id)).toEqual(nia)
})

describe('an act on an account', () => {
  test('is never about oneself, and only for admins who still are', async () => {
    for (const [act, body] of [
      ['approve', {}],
      ['reject', { reason: 'x' }],
      ['role', { role: 'user' }],
      ['suspend', { reason: 'x' }],
      ['resume', undefined],
      ['reset-code', undefined],
    ] as const) {
      expect(await codeOf(await post('eva', eva, act, body))).toEqual({ status: 403, code: 'forbidden' })
      expect(await codeOf(await post('kim', eva, act, body))).toEqual({ status: 403, code: 'forbidden' })
      expect(await codeOf(await post(null, eva, act, body))).toEqual({ status: 401, code: 'not_authenticated' })
      expect(await codeOf(await post('key:predict', eva, act, body))).toEqual({ status: 403, code: 'forbidden' })
    }
    expect(getUser(app.db, eva.id)).toEqual(eva)
  })

  test('needs an account', async () => {
    expect(await codeOf(await post('eva', { id: 4_711 }, 'resume'))).toEqual({ status: 404, code: 'account_unknown' })
    for (const id of ['0', '-1', '1.5', '9007199254740993', 'x', '1;drop', '%00', '..%2f1']) {
      const answer = await app.ask('eva', 'POST', `/api/v1/accounts/${id}/resume`)
      expect({ id, status: answer.status }).toEqual({ id, status: 422 })
    }
  })

  test('suspend ends sessions and the reset code at once, resume lets in again', async () => {
    const zoe = await app.person('zoe')
    await app.session(zoe, 'zoe-session-000000001')
    const { code } = await (await post('eva', zoe, 'reset-code')).json()
    await app.session(zoe, 'zoe-session-000000002')
    const suspended: Account = await (await post('eva', zoe, 'suspend', { reason: 'left' })).json()
    expect(suspended).toMatchObject({ status: 'suspended', sessions: 0, decisionReason: 'left' })
    expect(findSession(app.db, 'zoe-session-000000001')?.endedAt).not.toBeNull()
    expect(findSession(app.db, 'zoe-session-000000002')?.endedAt).not.toBeNull()
    const used = writeTransaction(app.db, (tx) => consumeResetCode(tx, { userId: zoe.id, codeHash: hashCode(code), now: new Date() }))
    expect(await used).toBe(false)
    expect(await codeOf(await post('eva', zoe, 'suspend', { reason: 'again' }))).toEqual({ status: 409, code: 'account_conflict' })
    expect(await codeOf(await post('eva', zoe, 'reset-code'))).toEqual({ status: 409, code: 'account_conflict' })
    expect(await (await post('eva', zoe, 'resume')).json()).toMatchObject({ status: 'active' })
    expect(getUser(app.db, zoe.id).tokenEpoch).toBe(zoe.tokenEpoch + 3)
  })

  test('another role ends the sessions', async () => {
    const ida = await app.person('ida')
    await app.session(ida, 'ida-session-000000001')
    expect(await (await post('eva', ida, 'role', { role: 'admin' })).json()).toMatchObject({ role: 'admin', sessions: 0 })
    expect(await codeOf(await post('eva', ida, 'role', { role: 'admin' }))).toEqual({ status: 409, code: 'account_conflict' })
    expect(await (await post('eva', ida, 'role', { role: 'user' })).json()).toMatchObject({ role: 'user' })
  })

  test('a reset code is shown once, works as it is typed, and leaves only the change of the password', async () => {
    const joe = await app.person('joe')
    const answer = await post('eva', joe, 'reset-code')
    const { code, expiresAt } = await answer.json()
    expect(code).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){3}[0-9A-HJKMNP-TV-Z]{5}$/)
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(86_000_000)
    expect(getUser(app.db, joe.id).mustChangePassword).toBe(true)
    const raw = new Database(app.databasePath, { readonly: true })
    expect(JSON.stringify(raw.query('select * from reset_codes').all())).not.toContain(code)
    expect(JSON.stringify(await lastAudit())).not.toContain(code)
    raw.close()
    const typed = ` ${code.toLowerCase().replaceAll('-', ' ').replaceAll('0', 'o').replaceAll('1', 'l')}`
    const use = () => writeTransaction(app.db, (tx) => consumeResetCode(tx, { userId: joe.id, codeHash: hashCode(typed), now: new Date() }))
    expect([await use(), await use()]).toEqual([true, false])
  })
})

describe('sessions of a person', () => {
  test('are listed and ended one by one, under their own account only', async () => {
    const [amy, bob] = [await app.person('amy'), await app.person('bob')]
    await app.session(amy, 'amy-session-000000001')
    await app.session(amy, 'amy-session-000000002')
    await app.session(bob, 'bob-session-000000001')
    const path = (user: User, session = '') => `/api/v1/accounts/${user.id}/sessions${session}`
    const list: SessionList = await (await app.ask('eva', 'GET', path(amy))).json()
    expect(Value.Check(SessionList, list)).toBe(true)
    expect(list.sessions.map(({ id, current }) => [id, current]).sort()).toEqual([
      ['amy-session-000000001', false],
      ['amy-session-000000002', false],
    ])
    const wrong = await app.ask('eva', 'DELETE', path(amy, '/bob-session-000000001'))
    expect(await codeOf(wrong)).toEqual({ status: 404, code: 'session_unknown' })
    expect(findSession(app.db, 'bob-session-000000001')?.endedAt).toBeNull()
    expect((await app.ask('eva', 'DELETE', path(amy, '/amy-session-000000001'))).status).toBe(204)
    expect((await app.ask('eva', 'DELETE', path(amy, '/amy-session-000000001'))).status).toBe(404)
    expect(listSessions(app.db, { userId: amy.id, now: new Date() })).toHaveLength(1)
    expect((await app.ask('bob', 'DELETE', path(amy, '/amy-session-000000002'))).status).toBe(403)
    expect(await lastAudit()).toMatchObject({ action: 'account.session.end', subject: 'amy', details: { before: { open: true } } })
  })
})

describe('the last admin', () => {
  let own: PeopleApp
  beforeAll(() => {
    own = startPeopleApp()
  })
  afterAll(() => own.stop())

  test('with a password stays, also where another without one is left', async () => {
    const ada = await own.person('ada', { role: 'admin' })
    await own.person('first', { role: 'admin', withPassword: false })
    for (const [act, body] of [
      ['role', { role: 'user' }],
      ['suspend', { reason: 'x' }],
    ] as const) {
      const answer = await own.ask('first', 'POST', `/api/v1/accounts/${ada.id}/${act}`, body)
      expect(await codeOf(answer)).toEqual({ status: 409, code: 'last_admin' })
    }
    expect(getUser(own.db, ada.id)).toEqual(ada)
  })

  test('two who demote each other at once: one wins, the other has lost the role', async () => {
    for (let round = 0; round < 20; round++) {
      const [one, two] = [await own.person(`one-${round}`, { role: 'admin' }), await own.person(`two-${round}`, { role: 'admin' })]
      const demote = (who: User, whom: User) => own.ask(who.login, 'POST', `/api/v1/accounts/${whom.id}/role`, { role: 'user' })
      const statuses = (await Promise.all([demote(one, two), demote(two, one)])).map(({ status }) => status)
      expect(statuses.toSorted()[0]).toBe(200)
      // Refused at the door or inside the transaction, whichever the other one's act came before.
      expect([401, 403]).toContain(statuses.toSorted()[1]!)
      expect([one, two].filter(({ id }) => getUser(own.db, id).role === 'admin')).toHaveLength(1)
    }
  })

  test('processes that suspend all admins at once leave one', async () => {
    const fresh = startPeopleApp()
    const admins = await Promise.all(Array.from({ length: 6 }, (_, nth) => fresh.person(`admin-${nth}`, { role: 'admin' })))
    const halves = [admins.slice(0, 3), admins.slice(3)].map((half) =>
      Bun.spawn([process.execPath, join(import.meta.dir, 'suspender.ts'), fresh.databasePath, ...half.map(({ id }) => String(id))], {
        stdout: 'pipe',
        stderr: 'inherit',
      }),
    )
    const codes = (await Promise.all(halves.map(({ stdout }) => new Response(stdout).text()))).join('').trim().split('\n')
    expect(codes.toSorted()).toEqual(['last_admin', 'ok', 'ok', 'ok', 'ok', 'ok'])
    expect(countAdmins(fresh.db)).toBe(1)
    await fresh.stop()
  })
})
