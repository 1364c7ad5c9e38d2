/** The real app over a real database with people in it; who asks is said by the test, as the database knows them at that moment. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PersonRole } from '../../server/contract/account'
import type { KeyScope } from '../../server/contract/api-key'
import type { Principal } from '../../server/http/access'
import { createAdministration } from '../../server/pipeline/accounts/administration'
import { closeStore, openStore } from '../../server/store/open'
import { insertSession } from '../../server/store/session'
import { decideUser, findUserByLogin, insertActiveUser, insertPendingUser, type User } from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'
import { startApp } from '../http/sample-app'

export function startPeopleApp() {
  const directory = mkdtempSync(join(tmpdir(), 'routewright-people-'))
  const databasePath = join(directory, 'rw.sqlite')
  const db = openStore(databasePath)
  const app = startApp({ ...createAdministration({ db }) }, { authenticate: (request) => principalOf(request.headers.get('x-as')) })

  function principalOf(who: string | null): Principal | null {
    if (who === null) return null
    if (who.startsWith('key:')) {
      const scopes = [who.slice(4) as KeyScope]
      return { kind: 'key', id: 0, name: who, role: 'user', scopes, session: null, mustChangePassword: false }
    }
    const user = findUserByLogin(db, who)
    if (user === null || user.status !== 'active') return null
    return { kind: 'person', id: user.id, name: who, role: user.role, scopes: [], session: `session-of-${who}`, mustChangePassword: false }
  }

  let count = 0
  const now = new Date()
  /** Someone in the given state. */
  async function person(
    login: string,
    { role = 'user', status = 'active', password = 'hash' }: { role?: PersonRole; status?: User['status']; password?: string | null } = {},
  ): Promise<User> {
    const who = { login, name: '', passwordHash: password, now }
    return writeTransaction(db, (tx) => {
      if (status === 'active') return insertActiveUser(tx, { ...who, role, decidedBy: 'test' })!
      const user = insertPendingUser(tx, { ...who, ticketHash: `ticket-${count++}` })!
      return status === 'pending' ? user : decideUser(tx, { id: user.id, status, role, by: 'test', reason: 'test', now })
    })
  }
  const session = (user: User, id: string) =>
    writeTransaction(db, (tx) => insertSession(tx, { id, userId: user.id, refreshHash: id, userAgent: 'test', address: '127.0.0.1', now }))

  const ask = (who: string | null, method: string, path: string, body?: unknown) => {
    const headers: Record<string, string> = who === null ? {} : { 'x-as': who }
    if (body !== undefined) headers['content-type'] = 'application/json'
    return app.call(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) })
  }
  const stop = async () => {
    await app.stop()
    closeStore(db)
    rmSync(directory, { recursive: true, force: true })
  }
  return { ...app, db, databasePath, person, session, ask, stop }
}
export type PeopleApp = ReturnType<typeof startPeopleApp>
