/**
 * Who asks: the session with its person, or the key, as the database says at the moment of the request, so that a logout, a suspension or
 * a new role counts in every worker at once. Rows are kept only as long as nobody has written anything, which is asked each time. While
 * the database cannot be read, predictions go on for those who were let in within the last five minutes.
 */
import { lru } from 'tiny-lru'
import type { PersonRole } from '../../contract/account'
import type { KeyScope } from '../../contract/api-key'
import { DomainError } from '../../domain/error'
import { type ApiKeyRow, prepareKeyRead } from '../../store/api-key'
import { watchChanges } from '../../store/change-watch'
import type { Db } from '../../store/open'
import { prepareSessionRead, SESSION_IDLE_MS } from '../../store/session'
import { storeProblem } from '../../store/store-problem'
import { type VerifiedAccess, verifyAccess } from './access-token'
import type { KeyRing } from './key-ring'
import type { KeyUses } from './key-uses'
import { checkKey, isOpen } from './keys'
import type { SessionUses } from './session-uses'

/** As `Principal` of server/http/access.ts. */
export interface Asker {
  kind: 'person' | 'key'
  id: number
  name: string
  role: PersonRole
  scopes: readonly KeyScope[]
  session: string | null
  mustChangePassword: boolean
  /** Known from memory, because the database cannot be read: nothing may be changed for it. */
  stale?: true
}

export interface AuthenticateOptions {
  db: Db
  ring: KeyRing
  sessionUses: SessionUses
  keyUses: KeyUses
  /** The access token that the browser sent. */
  accessToken: (request: Request) => string | null
  now?: () => Date
}

const remembered = 2_000
const rememberedMs = 5 * 60_000

/** Throws `database_unavailable`, `busy`: when the database cannot be read and nothing is remembered. */
export function createAuthenticate({ db, ring, sessionUses, keyUses, accessToken, now = () => new Date() }: AuthenticateOptions) {
  const readSession = prepareSessionRead(db)
  const readKey = prepareKeyRead(db)
  // By its text, which has one spelling. It says only who signed: what counts is the session's row, read each time.
  const verified = lru<VerifiedAccess>(remembered)
  // Of the database as it is: forgotten with the next commit, whoever makes it. Keys by their text, sessions by their id.
  const keys = lru<ApiKeyRow>(remembered)
  const sessions = lru<NonNullable<ReturnType<typeof readSession.get>>>(remembered)
  const isUnchanged = watchChanges(db)
  const forgetChanged = () => {
    if (isUnchanged()) return
    keys.clear()
    sessions.clear()
  }
  const memory = lru<{ asker: Asker; at: number }>(remembered)

  const remember = (key: string, asker: Asker): Asker => {
    memory.set(key, { asker, at: performance.now() })
    return asker
  }
  const recall = (key: string, error: unknown): Asker => {
    const known = memory.get(key)
    if (known !== undefined && performance.now() - known.at < rememberedMs) return { ...known.asker, stale: true }
    const problem = storeProblem(error)
    throw problem instanceof DomainError ? problem : error
  }

  const byKey = (presented: string): Asker | null => {
    const memoryKey = `key ${presented}`
    try {
      const at = now()
      forgetChanged()
      const kept = keys.get(presented)
      const key = kept ?? checkKey(readKey, presented, at)
      if (key === null || !isOpen(key, at)) return null
      if (kept === undefined) keys.set(presented, key)
      keyUses.note(key.id, at.getTime())
      return remember(memoryKey, {
        kind: 'key',
        id: 0,
        name: `key:${key.name}`,
        role: 'user',
        scopes: key.scopes,
        session: null,
        mustChangePassword: false,
      })
    } catch (error) {
      return recall(memoryKey, error)
    }
  }

  const claimsOf = async (token: string, at: Date): Promise<VerifiedAccess | null> => {
    const known = verified.get(token)
    if (known !== undefined && known.until > at.getTime() && (await ring.find(known.kid)) !== null) return known
    const claims = await verifyAccess(ring, token, at)
    if (claims !== null) verified.set(token, claims)
    return claims
  }

  const bySession = async (token: string): Promise<Asker | null> => {
    const at = now()
    const claims = await claimsOf(token, at)
    if (claims === null) return null
    const memoryKey = `${claims.session} ${claims.epoch}`
    let row: ReturnType<typeof readSession.get>
    try {
      forgetChanged()
      row = sessions.get(claims.session) ?? readSession.get({ id: claims.session })
      if (row !== undefined) sessions.set(claims.session, row)
    } catch (error) {
      return recall(memoryKey, error)
    }
    if (row === undefined || row.userId !== claims.user || row.tokenEpoch !== claims.epoch || row.status !== 'active') return null
    const seenAt = Math.max(row.lastSeenAt, sessionUses.lastSeen(claims.session))
    if (row.endedAt !== null || row.expiresAt <= at.getTime() || seenAt <= at.getTime() - SESSION_IDLE_MS) return null
    sessionUses.note(claims.session, at.getTime())
    return remember(memoryKey, {
      kind: 'person',
      id: row.userId,
      name: row.login,
      role: row.role,
      scopes: [],
      session: claims.session,
      mustChangePassword: row.mustChangePassword,
    })
  }

  return (request: Request): Promise<Asker | null> | Asker | null => {
    const authorization = request.headers.get('authorization')
    if (authorization !== null) return authorization.startsWith('Bearer rw_') ? byKey(authorization.slice(7)) : null
    const token = accessToken(request)
    return token === null ? null : bySession(token)
  }
}
