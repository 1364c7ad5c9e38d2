/**
 * The cookies of the browser. Over TLS their names bind them to this host and to TLS (`__Host-`, `__Secure-`); without TLS they exist
 * only on this machine, or where the operator said so. Never with a Domain; no script reads them.
 */
import { DomainError } from '../domain/error'
import type { ClientOf } from './client'

/** What each cookie is for, where it is sent, and how long it stays (seconds; without one it goes with the browser). */
const kinds = {
  /** Access token: short-lived, looked up on every request. */
  session: { name: 'sid', path: '/', maxAge: undefined },
  /** Refresh token: one use. */
  refresh: { name: 'rid', path: '/api/v1/auth', maxAge: undefined },
  /** Ticket of one who registered and waits. */
  waiting: { name: 'waiting', path: '/api/v1/auth', maxAge: 30 * 86_400 },
  /** A browser from which somebody logged in before. */
  device: { name: 'device', path: '/api/v1/auth', maxAge: 180 * 86_400 },
} as const
export type CookieKind = keyof typeof kinds

export interface AnswerHeaders {
  headers: Record<string, unknown>
}

export interface Cookies {
  /** The value that the browser sent; null for none. */
  read(request: Request, kind: CookieKind): string | null
  /** Throws `insecure_transport` where cookies would travel in the clear. */
  write(request: Request, set: AnswerHeaders, values: Partial<Record<CookieKind, string | null>>): void
  /** Throws `insecure_transport`: before a password is looked at. */
  requireTransport(request: Request): void
}

/** `plainAllowed`: without TLS, because nobody but this machine can reach the server or because the operator said so. */
export function createCookies({ clientOf, plainAllowed }: { clientOf: ClientOf; plainAllowed: boolean }): Cookies {
  const requireTransport = (request: Request) => {
    if (clientOf(request).secure || plainAllowed) return
    throw new DomainError(
      'insecure_transport',
      'logging in needs https: put a proxy with TLS before the server and name it by --trusted-proxy, or start with --insecure-cookies',
    )
  }
  return {
    requireTransport,
    read: (request, kind) => {
      const header = request.headers.get('cookie')
      return header === null ? null : cookieValue(header, nameOf(kind, clientOf(request).secure))
    },
    write: (request, set, values) => {
      requireTransport(request)
      const { secure } = clientOf(request)
      const lines = Object.entries(values).map(([kind, value]) => cookieLine(kind as CookieKind, value, secure))
      set.headers['set-cookie'] = [...((set.headers['set-cookie'] as string[] | undefined) ?? []), ...lines]
    },
  }
}

/** `__Host-` asks for Path=/; the others of TLS are `__Secure-`. */
const nameOf = (kind: CookieKind, secure: boolean) => {
  const { name, path } = kinds[kind]
  return secure ? `${path === '/' ? '__Host-' : '__Secure-'}${name}` : name
}

function cookieLine(kind: CookieKind, value: string | null, secure: boolean): string {
  const { path, maxAge } = kinds[kind]
  const age = value === null ? '; Max-Age=0' : maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${nameOf(kind, secure)}=${value ?? ''}; Path=${path}${age}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
}

const valuePattern = /^[A-Za-z0-9._~-]{1,1024}$/

/** Of several with one name the first counts; what is none of our spelling is none. */
function cookieValue(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at < 0 || pair.slice(0, at).trim() !== name) continue
    const value = pair.slice(at + 1).trim()
    return valuePattern.test(value) ? value : null
  }
  return null
}
