/** What admins do, put together for the routes: the acts of admin.ts, keys.ts and audit-trail.ts with a database and a clock. */
import type { Account, PersonRole } from '../../contract/account'
import type { ApiKeyRequest } from '../../contract/api-key'
import type { Actor } from '../../domain/actor'
import type { Db } from '../../store/open'
import type { User } from '../../store/user'
import { approve, changeRole, endSessionOf, issueResetCode, reject, resume, suspend } from './admin'
import { createChainCheck, readAudit } from './audit-trail'
import { allKeys, createKey, endKey } from './keys'
import { listPeople, type PeopleQuery, personView, sessionsOf } from './people'

interface About {
  id: number
  actor: Actor
}

export function createAdministration({ db, now = () => new Date() }: { db: Db; now?: () => Date }) {
  const seen = async (changed: Promise<User>): Promise<Account> => personView(db, await changed, now())
  const accounts = {
    list: (query: PeopleQuery) => listPeople(db, query, now()),
    approve: (about: About & { role?: PersonRole }) => seen(approve(db, { ...about, now: now() })),
    reject: (about: About & { reason: string }) => seen(reject(db, { ...about, now: now() })),
    changeRole: (about: About & { role: PersonRole }) => seen(changeRole(db, { ...about, now: now() })),
    suspend: (about: About & { reason: string }) => seen(suspend(db, { ...about, now: now() })),
    resume: (about: About) => seen(resume(db, { ...about, now: now() })),
    issueResetCode: (about: About) => issueResetCode(db, { ...about, now: now() }),
    sessions: (about: { id: number; current: string | null }) => sessionsOf(db, { ...about, now: now() }),
    endSession: (about: About & { session: string }) => endSessionOf(db, { ...about, now: now() }),
  }
  const keys = {
    list: () => ({ keys: allKeys(db) }),
    create: (request: ApiKeyRequest, actor: Actor) => createKey(db, request, { actor, now: now() }),
    revoke: (id: string, actor: Actor) => endKey(db, id, { actor, now: now() }),
  }
  const audit = {
    read: (query: { limit: number; before?: number; action?: string; actor?: string }) => readAudit(db, query),
    checkChain: createChainCheck(db),
  }
  return { accounts, keys, audit }
}
