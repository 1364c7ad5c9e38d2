import { Database } from 'bun:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { type ApiKeyList, CreatedApiKey } from '../../server/contract/api-key'
import { createKeyUses } from '../../server/pipeline/accounts/key-uses'
import { checkKey, createKey } from '../../server/pipeline/accounts/keys'
import { findKey, prepareKeyRead } from '../../server/store/api-key'
import { type PeopleApp, startPeopleApp } from './people-app'

let app: PeopleApp
beforeAll(async () => {
  app = startPeopleApp()
  await app.person('eva', { role: 'admin' })
})
afterAll(() => app.stop())

const make = async (body: unknown): Promise<CreatedApiKey> => (await app.ask('eva', 'POST', '/api/v1/keys', body)).json()

describe('a key', () => {
  test('is shown once and kept as a hash', async () => {
    const created = await make({ name: 'ERP', scopes: ['predict', 'export'] })
    expect(Value.Check(CreatedApiKey, created)).toBe(true)
    expect(created.key).toMatch(/^rw_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}$/)
    expect(created.apiKey).toMatchObject({
      name: 'ERP',
      scopes: ['predict', 'export'],
      createdBy: 'eva',
      expiresAt: null,
      lastUsedAt: null,
    })
    const secret = created.key.split('_')[2]!
    const list = await (await app.ask('eva', 'GET', '/api/v1/keys')).text()
    expect(list).toContain(created.apiKey.id)
    expect(list).not.toContain(secret)
    const raw = new Database(app.databasePath, { readonly: true })
    expect(JSON.stringify([raw.query('select * from api_keys').all(), raw.query('select * from audit').all()])).not.toContain(secret)
    raw.close()
  })

  test('counts while it is known, not revoked and not too old', async () => {
    const { key, apiKey } = await make({ name: 'MES', scopes: ['read'], expiresInDays: 1 })
    const now = Date.now()
    const check = (presented: string, at = now) => checkKey(prepareKeyRead(app.db), presented, new Date(at))
    expect(check(key)).toMatchObject({ id: apiKey.id, name: 'MES', scopes: ['read'] })
    expect(check(key)).not.toHaveProperty('secretHash')
    expect(check(key, now + 86_400_000 + 1_000)).toBeNull()
    const other = key.endsWith('x') ? 'y' : 'x'
    for (const wrong of [
      '',
      'rw_',
      key.slice(0, -1),
      `${key.slice(0, -1)}${other}`,
      `${key}x`,
      ` ${key}`,
      key.toUpperCase(),
      `rw_${apiKey.id}_`,
    ]) {
      expect(check(wrong)).toBeNull()
    }
    const path = `/api/v1/keys/${apiKey.id}`
    expect(await (await app.ask('eva', 'DELETE', path)).json()).toMatchObject({ id: apiKey.id, revokedAt: expect.any(String) })
    expect(check(key)).toBeNull()
    expect((await app.ask('eva', 'DELETE', path)).status).toBe(200)
    const list: ApiKeyList = await (await app.ask('eva', 'GET', '/api/v1/keys')).json()
    expect(list.keys.at(-1)?.id).toBe(apiKey.id)
    const audit = await (await app.ask('eva', 'GET', '/api/v1/audit?action=key')).json()
    expect(audit.entries.map(({ action }: { action: string }) => action)).toEqual(['key.revoke', 'key.create', 'key.create'])
  })

  test('needs a known scope, a name, and an end that is not too far', async () => {
    for (const body of [
      { name: 'x', scopes: [] },
      { name: 'x', scopes: ['admin'] },
      { name: 'x', scopes: ['read', 'read'] },
      { name: '', scopes: ['read'] },
      { name: 'x', scopes: ['read'], expiresInDays: 0 },
      { name: 'x', scopes: ['read'], createdBy: 'boss' },
    ]) {
      expect((await app.ask('eva', 'POST', '/api/v1/keys', body)).status).toBe(422)
    }
    expect((await app.ask('eva', 'DELETE', '/api/v1/keys/000000000000')).status).toBe(404)
  })

  test('is one of 200 at most', async () => {
    const by = { actor: { id: null, name: 'cli:test', requestId: null }, now: new Date() }
    const left = 199
    for (let nth = 0; nth < left; nth++) await createKey(app.db, { name: `k${nth}`, scopes: ['read'] }, by)
    expect((await app.ask('eva', 'POST', '/api/v1/keys', { name: 'one more', scopes: ['read'] })).status).toBe(409)
  })
})

test('uses are noted in memory and written later, the newest time', async () => {
  const { keys }: ApiKeyList = await (await app.ask('eva', 'GET', '/api/v1/keys')).json()
  const uses = createKeyUses({ db: app.db, everyMs: 3_600_000 })
  uses.note(keys[0]!.id, 1_000)
  uses.note(keys[0]!.id, 2_000)
  expect(findKey(app.db, keys[0]!.id)?.lastUsedAt).toBeNull()
  await uses.stop()
  expect(findKey(app.db, keys[0]!.id)?.lastUsedAt).toBe(2_000)
})
