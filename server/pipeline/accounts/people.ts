/** People as admins see them. */
import type { Account, AccountList, AccountStatus, SessionList } from '../../contract/account'
import type { Db } from '../../store/open'
import { listSessions } from '../../store/session'
import { countUsers, getUser, listUsers, type User } from '../../store/user'

export interface PeopleQuery {
  status?: AccountStatus
  search?: string
  limit: number
  offset: number
}

/** A page; `total` of the same query, `pending` of all. */
export const listPeople = (db: Db, query: PeopleQuery, now: Date): AccountList => ({
  accounts: listUsers(db, { ...query, now }).map(({ sessions, ...user }) => toAccount(user, sessions)),
  total: countUsers(db, query),
  pending: countUsers(db, { status: 'pending' }),
})

/** With the number of sessions that are open now. */
export const personView = (db: Db, user: User, now: Date): Account => toAccount(user, listSessions(db, { userId: user.id, now }).length)

/** Throws `account_unknown`. `current` is the session of the one who asks. */
export function sessionsOf(db: Db, { id, current, now }: { id: number; current: string | null; now: Date }): SessionList {
  const { id: userId } = getUser(db, id)
  const sessions = listSessions(db, { userId, now }).map((row) => ({
    id: row.id,
    current: row.id === current,
    createdAt: iso(row.createdAt),
    lastSeenAt: iso(row.lastSeenAt),
    expiresAt: iso(row.expiresAt),
    userAgent: row.userAgent,
    address: row.address,
  }))
  return { sessions }
}

const iso = (at: number) => new Date(at).toISOString()

function toAccount({ tokenEpoch: _, mustChangePassword: __, ...user }: User, sessions: number): Account {
  const { createdAt, decidedAt, lastLoginAt } = user
  return {
    ...user,
    sessions,
    createdAt: iso(createdAt),
    decidedAt: decidedAt === null ? null : iso(decidedAt),
    lastLoginAt: lastLoginAt === null ? null : iso(lastLoginAt),
  }
}
