import { beforeAll, describe, expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { listAudit } from '../../server/store/audit'
import { closeStore, openStore } from '../../server/store/open'
import { findPasswordHash, findUserByLogin, insertPendingUser } from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'
import { temporaryDirectory } from '../artifacts/sample-version'

const main = join(import.meta.dir, '..', '..', 'server', 'main.ts')
const password = 'horse cloud violin 7 lantern'
let database: string
beforeAll(async () => {
  database = join(temporaryDirectory(), 'rw.sqlite')
})

async function routewright(args: string[], { input = '', at = database } = {}) {
  const child = Bun.spawn([process.execPath, main, ...args, '--database', at], {
    stdin: new Blob([input]),
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const [out, error] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { exit: await child.exited, out, error, json: () => JSON.parse(out) }
}
async function read<T>(use: (db: ReturnType<typeof openStore>) => T | Promise<T>): Promise<T> {
  const db = openStore(database)
  try {
    return await use(db)
  } finally {
    closeStore(db)
  }
}

describe('routewright users', () => {
  test('add makes the first admin on a fresh machine, with the password from standard input', async () => {
    const { exit, out, error } = await routewright(['users', 'add', 'Ada@Plant.example', '--admin'], { input: `${password}\n` })
    expect({ exit, out, error }).toEqual({ exit: 0, out: 'ada@plant.example is admin now and may log in.\n', error: expect.any(String) })
    expect(out + error).not.toContain(password)
    await read((db) => {
      const ada = findUserByLogin(db, 'ada@plant.example')!
      expect(ada).toMatchObject({ role: 'admin', status: 'active', hasPassword: true })
      expect(findPasswordHash(db, ada.id)).toStartWith('$argon2id$')
      const [row] = listAudit(db)
      expect(row).toMatchObject({ action: 'account.add', subject: 'ada@plant.example', actor: expect.stringMatching(/^cli/) })
      expect(JSON.stringify(row)).not.toContain(password)
    })
  })

  test('add refuses a weak password, none, a wrong login and one that is taken', async () => {
    const add = (login: string, input: string) => routewright(['users', 'add', login, '--json'], { input })
    const codes = await Promise.all([
      add('ben', 'short\n'),
      add('ben', ''),
      add('.b', `${password}\n`),
      add('ADA@plant.example', `${password}\n`),
    ])
    expect(codes.map(({ error }) => JSON.parse(error).code)).toEqual(['weak_password', 'bad_request', 'bad_request', 'account_conflict'])
    expect(codes.map(({ exit }) => exit)).toEqual([65, 2, 2, 65])
    for (const { error } of codes) expect(error).not.toContain(password)
  })

  test('the one who registered is listed, approved as what is said, suspended and resumed', async () => {
    await read((db) =>
      writeTransaction(db, (tx) =>
        insertPendingUser(tx, { login: 'kim', name: 'Kim', passwordHash: 'h', ticketHash: 't', now: new Date() }),
      ),
    )
    const { out } = await routewright(['users', 'list'])
    expect(out.split('\n')[1]).toMatch(/^kim +Kim +user +pending/)
    expect((await routewright(['users', 'list', '--status', 'pending', '--json'])).json()).toMatchObject({ total: 1, pending: 1 })
    expect((await routewright(['users', 'approve', 'KIM', '--role', 'admin', '--json'])).json()).toMatchObject({
      status: 'active',
      role: 'admin',
    })
    expect((await routewright(['users', 'role', 'kim', 'user'])).out).toBe('kim is active now, as user.\n')
    expect((await routewright(['users', 'suspend', 'kim', '--reason', 'left'])).out).toBe('kim is suspended now, as user.\n')
    expect(await routewright(['users', 'suspend', 'kim', '--reason', 'left', '--json'])).toMatchObject({ exit: 65, out: '' })
    expect((await routewright(['users', 'resume', 'kim', '--json'])).json()).toMatchObject({ status: 'active' })
    const { code, expiresAt } = (await routewright(['users', 'reset', 'kim', '--json'])).json()
    expect(code).toMatch(/^(\w{5}-){3}\w{5}$/)
    expect(Date.parse(expiresAt)).toBeGreaterThan(Date.now())
  })

  test('the last admin stays, and nothing is done to who is not there', async () => {
    const refused = await routewright(['users', 'role', 'ada@plant.example', 'user', '--json'])
    expect(JSON.parse(refused.error).code).toBe('last_admin')
    expect(JSON.parse((await routewright(['users', 'resume', 'nobody', '--json'])).error).code).toBe('account_unknown')
    expect((await routewright(['users', 'role', 'kim', 'owner'])).exit).toBe(2)
    const elsewhere = join(temporaryDirectory(), 'mistyped.sqlite')
    expect((await routewright(['users', 'list'], { at: elsewhere })).exit).toBe(66)
    expect(existsSync(elsewhere)).toBe(false)
  })
})

describe('routewright keys', () => {
  test('create prints the key once, list does not, revoke ends it', async () => {
    const { out, exit } = await routewright(['keys', 'create', 'ERP', '--scopes', 'predict, read', '--expires', '30'])
    expect(exit).toBe(0)
    expect(out).toMatch(/^rw_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}\n$/)
    const [, id, secret] = out.trim().split('_')
    const { keys } = (await routewright(['keys', 'list', '--json'])).json()
    expect(keys).toMatchObject([{ id, name: 'ERP', scopes: ['predict', 'read'], revokedAt: null }])
    expect((await routewright(['keys', 'list'])).out).not.toContain(secret)
    expect((await routewright(['keys', 'revoke', id!])).out).toContain('works no more')
    expect((await routewright(['keys', 'revoke', 'unknown00000'])).exit).toBe(66)
  })

  test('rotate lets another key sign sessions', async () => {
    const signing = () => JSON.parse(readFileSync(join(dirname(database), 'keys.json'), 'utf8')).current.kid
    expect((await routewright(['keys', 'rotate'])).exit).toBe(0)
    const before = signing()
    expect((await routewright(['keys', 'rotate', '--json'])).json()).toMatchObject({ rotatedAt: expect.any(String) })
    expect(signing()).not.toBe(before)
    await read((db) => expect(listAudit(db)[0]).toMatchObject({ action: 'keys.rotate', actor: expect.stringMatching(/^cli/) }))
  })

  test('create refuses what no key may have', async () => {
    for (const args of [
      ['--scopes', 'admin'],
      ['--scopes', ''],
      ['--scopes', 'read,read'],
      ['--scopes', 'read', '--expires', '0'],
      ['--scopes', 'read', '--expires', 'soon'],
    ]) {
      expect(await routewright(['keys', 'create', 'x', ...args])).toMatchObject({ exit: 2, out: '' })
    }
  })
})
