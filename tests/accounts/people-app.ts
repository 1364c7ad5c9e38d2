/** The real app over a real database with people in it, their sessions and keys; only predictions and versions are samples. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PersonRole } from '../../server/contract/account'
import type { KeyScope } from '../../server/contract/api-key'
import { signAccess } from '../../server/pipeline/accounts/access-token'
import { createAccountRuntime } from '../../server/pipeline/accounts/account-runtime'
import { createAdministration } from '../../server/pipeline/accounts/administration'
import { openKeyRing } from '../../server/pipeline/accounts/key-ring'
import { createKey } from '../../server/pipeline/accounts/keys'
import { randomBase62 } from '../../server/pipeline/accounts/secret'
import { isSetupOpen } from '../../server/pipeline/accounts/setup'
import { createConfigStore } from '../../server/pipeline/config/config-store'
import { showPresets } from '../../server/pipeline/config/presets'
import { createTrainingDesk } from '../../server/pipeline/training/desk'
import { closeStore, openStore } from '../../server/store/open'
import { insertSession } from '../../server/store/session'
import { decideUser, findUserByLogin, insertActiveUser, insertPendingUser, type User } from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'
import { startApp } from '../http/sample-app'

/** Everybody's password, and its hash: made once, so that no test waits for it. */
export const password = 'horse cloud violin 7 lantern'
const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$qbnf0Hpy3GqvueuHqjU21w$eYhB3H1K1sJQ0iOj2GZ803uedIazb12K47f1X0rWzNM'

export function startPeopleApp() {
  const directory = mkdtempSync(join(tmpdir(), 'routewright-people-'))
  const databasePath = join(directory, 'rw.sqlite')
  const db = openStore(databasePath)
  const accounts = createAccountRuntime({
    db,
    databasePath,
    perUserMax: () => 0,
    accessToken: (request) => app.cookies.read(request, 'session'),
    report: () => {},
  })
  const setup = { state: () => ({ open: isSetupOpen(db) }), setUp: accounts.features.setUp }
  const configStore = createConfigStore({ db, mirrorPath: join(directory, 'runtime_config.json') })
  const services = {
    ...createAdministration({ db }),
    auth: accounts.features,
    setup,
    config: { ...configStore, presets: () => showPresets(null, 10) },
    training: createTrainingDesk({ db, logsDirectory: join(directory, 'logs') }),
  }
  const app: ReturnType<typeof startApp> = startApp(services, { authenticate: accounts.authenticate })
  const ring = openKeyRing(join(directory, 'keys.json'))

  let count = 0
  const now = new Date()
  /** Someone in the given state. */
  async function person(
    login: string,
    { role = 'user', status = 'active', withPassword = true }: { role?: PersonRole; status?: User['status']; withPassword?: boolean } = {},
  ): Promise<User> {
    const who = { login, name: '', passwordHash: withPassword ? passwordHash : null, now }
    return writeTransaction(db, (tx) => {
      if (status === 'active') return insertActiveUser(tx, { ...who, role, decidedBy: 'test' })!
      const user = insertPendingUser(tx, { ...who, ticketHash: `ticket-${count++}` })!
      return status === 'pending' ? user : decideUser(tx, { id: user.id, status, role, by: 'test', reason: 'test', now })
    })
  }
  const session = (user: User, id: string) =>
    writeTransaction(db, (tx) => insertSession(tx, { id, userId: user.id, refreshHash: id, userAgent: 'test', address: '127.0.0.1', now }))

  /** The cookie of a new session, whatever the person's state: a token that is right in all but that. Leaves no audit row. */
  async function cookie(login: string): Promise<string> {
    const user = findUserByLogin(db, login)!
    const id = randomBase62(22)
    await session(user, id)
    return `sid=${await signAccess(ring, { user: user.id, session: id, epoch: user.tokenEpoch }, new Date())}`
  }
  const keys = new Map<string, string>()
  async function key(scope: KeyScope): Promise<string> {
    const by = { actor: { id: null, name: 'cli:test', requestId: null }, now: new Date() }
    const known = keys.get(scope) ?? (await createKey(db, { name: scope, scopes: [scope] }, by)).key
    keys.set(scope, known)
    return known
  }
  /** Headers of a person with a new session (a login), of a machine (`key:SCOPE`), or of nobody. */
  async function headersOf(who: string | null): Promise<Record<string, string>> {
    if (who === null) return {}
    if (who.startsWith('key:')) return { authorization: `Bearer ${await key(who.slice(4) as KeyScope)}` }
    return { cookie: await cookie(who) }
  }

  const ask = async (who: string | null, method: string, path: string, body?: unknown) => {
    const headers = await headersOf(who)
    if (body !== undefined) headers['content-type'] = 'application/json'
    return app.call(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  }
  const stop = async () => {
    await app.stop()
    await accounts.stop()
    await configStore.close()
    closeStore(db)
    rmSync(directory, { recursive: true, force: true })
  }
  return { ...app, db, databasePath, accounts, person, session, headersOf, ask, stop }
}
export type PeopleApp = ReturnType<typeof startPeopleApp>
