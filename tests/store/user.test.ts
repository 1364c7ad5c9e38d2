import { afterAll, describe, expect, test } from 'bun:test'
import { normalizeLogin } from '../../server/domain/login-name'
import { findKey, insertKey, listKeys, revokeKey, touchKeys } from '../../server/store/api-key'
import { closeStore, openStore } from '../../server/store/open'
import { consumeResetCode, createResetCode } from '../../server/store/reset-code'
import { consumeSetupToken, createSetupToken } from '../../server/store/setup-token'
import {
  clearTicket,
  countAdmins,
  countUsers,
  decideUser,
  findAdminWithoutPassword,
  findPasswordHash,
  findUserByLogin,
  findUserByTicket,
  getUser,
  insertActiveUser,
  insertPendingUser,
  listAdminLogins,
  listUsers,
  setPassword,
  setRole,
} from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'

const db = openStore(':memory:')
afterAll(() => closeStore(db))
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute))
const register = (login: string, minute: number) =>
  writeTransaction(db, (tx) => insertPendingUser(tx, { login, name: '', passwordHash: 'h', ticketHash: `t-${login}`, now: at(minute) }))

test('a login is compared in NFKC and lower case', () => {
  expect(normalizeLogin(' Ｋim@Plant.EXAMPLE ')).toBe('kim@plant.example')
  expect(normalizeLogin('ﬁne')).toBe('fine')
})

describe('people', () => {
  test('one who registers is pending, without a right, and a login is taken once', async () => {
    const kim = (await register('kim', 5))!
    expect(kim).toMatchObject({
      login: 'kim',
      role: 'user',
      status: 'pending',
      hasPassword: true,
      tokenEpoch: 0,
      mustChangePassword: false,
    })
    expect(kim).not.toHaveProperty('passwordHash')
    expect(await register('kim', 6)).toBeNull()
    expect(findUserByLogin(db, 'kim')).toEqual(kim)
    expect(findUserByTicket(db, 't-kim')).toEqual(kim)
    expect(findPasswordHash(db, kim.id)).toBe('h')
    expect(findUserByLogin(db, 'nobody')).toBeNull()
    expect(() => getUser(db, 999)).toThrow(expect.objectContaining({ code: 'account_unknown' }))
  })

  test('those who wait are listed first, the longest waiting on top', async () => {
    await register('zoe', 1)
    await writeTransaction(db, (tx) =>
      insertActiveUser(tx, { login: 'ada', name: 'Ada 100%', passwordHash: null, role: 'admin', decidedBy: 'setup', now: at(0) }),
    )
    const list = (query: object) => listUsers(db, { limit: 10, offset: 0, now: at(9), ...query }).map(({ login }) => login)
    expect(list({})).toEqual(['zoe', 'kim', 'ada'])
    expect(list({ offset: 1, limit: 1 })).toEqual(['kim'])
    expect(list({ status: 'pending' })).toEqual(['zoe', 'kim'])
    expect(list({ search: 'KI' })).toEqual(['kim'])
    expect(list({ search: '0%' })).toEqual(['ada'])
    expect(list({ search: '%' })).toEqual(['ada'])
    expect(countUsers(db, { status: 'pending' })).toBe(2)
  })

  test('what must end sessions raises the epoch; a used ticket is gone', async () => {
    const zoe = findUserByLogin(db, 'zoe')!
    const epochs = await writeTransaction(db, (tx) => [
      decideUser(tx, { id: zoe.id, status: 'active', by: 'ada', reason: null, now: at(7) }).tokenEpoch,
      setRole(tx, { id: zoe.id, role: 'admin' }).tokenEpoch,
      setPassword(tx, { id: zoe.id, hash: 'new', mustChange: false }).tokenEpoch,
      clearTicket(tx, zoe.id).tokenEpoch,
    ])
    expect(epochs).toEqual([1, 2, 3, 3])
    expect(findUserByTicket(db, 't-zoe')).toBeNull()
    expect(getUser(db, zoe.id)).toMatchObject({ status: 'active', role: 'admin', decidedBy: 'ada', decidedAt: at(7).getTime() })
  })

  test('admins are counted, also those who can log in again', () => {
    expect(countAdmins(db)).toBe(2)
    expect(countAdmins(db, { withPassword: true })).toBe(1)
    expect(countAdmins(db, { but: findUserByLogin(db, 'zoe')!.id })).toBe(1)
    expect(findAdminWithoutPassword(db)?.login).toBe('ada')
    expect(listAdminLogins(db, 5)).toEqual(['zoe', 'ada'])
  })
})

test('a key keeps its hash to itself, is revoked once, and its last use never goes back', async () => {
  const key = (id: string) => ({
    id,
    name: id,
    secretHash: 's',
    scopes: ['predict' as const],
    createdBy: 'ada',
    now: at(1),
    expiresAt: null,
  })
  await writeTransaction(db, (tx) => [insertKey(tx, key('one')), insertKey(tx, { ...key('two'), now: at(2) })])
  expect(findKey(db, 'one')).toMatchObject({ secretHash: 's', scopes: ['predict'], revokedAt: null })
  expect(findKey(db, 'none')).toBeNull()
  await writeTransaction(db, (tx) => touchKeys(tx, new Map([['one', 50]])))
  await writeTransaction(db, (tx) => touchKeys(tx, new Map([['one', 40]])))
  const revoked = await writeTransaction(db, (tx) => [revokeKey(tx, { id: 'two', now: at(3) }), revokeKey(tx, { id: 'two', now: at(4) })])
  expect(revoked.map(({ changed, key }) => [changed, key.revokedAt])).toEqual([
    [true, at(3).getTime()],
    [false, at(3).getTime()],
  ])
  expect(listKeys(db).map(({ id, lastUsedAt }) => [id, lastUsedAt])).toEqual([
    ['one', 50],
    ['two', null],
  ])
  expect(listKeys(db)[0]).not.toHaveProperty('secretHash')
  expect(writeTransaction(db, (tx) => revokeKey(tx, { id: 'none', now: at(3) }))).rejects.toMatchObject({ code: 'key_unknown' })
})

test('a setup token works once, and only the newest', async () => {
  await writeTransaction(db, (tx) => [
    createSetupToken(tx, { tokenHash: 'a', now: at(1) }),
    createSetupToken(tx, { tokenHash: 'b', now: at(2) }),
  ])
  const use = (tokenHash: string) => writeTransaction(db, (tx) => consumeSetupToken(tx, { tokenHash, now: at(3) }))
  expect([await use('a'), await use('b'), await use('b')]).toEqual([false, true, false])
})

test('a reset code works once, for its person, in its time; a new one ends the old', async () => {
  const [kim, zoe] = [findUserByLogin(db, 'kim')!.id, findUserByLogin(db, 'zoe')!.id]
  const create = (codeHash: string) =>
    writeTransaction(db, (tx) => createResetCode(tx, { userId: kim, codeHash, now: at(1), expiresAt: at(9) }))
  const use = (codeHash: string, userId: number, minute: number) =>
    writeTransaction(db, (tx) => consumeResetCode(tx, { userId, codeHash, now: at(minute) }))
  await create('a')
  await create('b')
  expect(await use('a', kim, 2)).toBe(false)
  expect(await use('b', zoe, 2)).toBe(false)
  expect(await use('b', kim, 9)).toBe(false)
  expect(await use('b', kim, 2)).toBe(true)
  expect(await use('b', kim, 2)).toBe(false)
})
