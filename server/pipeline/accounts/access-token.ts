/** The short-lived token of a browser's session: signed, but never believed alone; the session's row is asked on every request. */
import { jwtVerify, SignJWT } from 'jose'
import type { KeyRing } from './key-ring'

/** Seconds. The browser asks for a new one by its refresh token. */
export const ACCESS_SECONDS = 600
const toleranceSeconds = 30
const charactersMax = 1_024
const issuer = 'routewright'
const audience = 'routewright'
const typ = 'at+jwt'
/** Three parts of base64url; the last is 32 bytes. */
const shape = /^([A-Za-z0-9_-]{16,200})\.([A-Za-z0-9_-]{16,800})\.([A-Za-z0-9_-]{43})$/

export interface AccessClaims {
  user: number
  /** The session's id. */
  session: string
  /** The person's `tokenEpoch` when it was signed. */
  epoch: number
}

/** Of a token that was verified: good while its key counts and its time is not over. */
export interface VerifiedAccess extends AccessClaims {
  kid: string
  /** Unix ms, the tolerance included. */
  until: number
}

const headerOf = (kid: string) => ({ alg: 'HS256', typ, kid }) as const
const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function signAccess(ring: KeyRing, { user, session, epoch }: AccessClaims, now: Date): Promise<string> {
  const { kid, secret } = await ring.current()
  const seconds = Math.floor(now.getTime() / 1000)
  return new SignJWT({ sv: epoch, sid: session })
    .setProtectedHeader(headerOf(kid))
    .setSubject(String(user))
    .setJti(crypto.randomUUID())
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + ACCESS_SECONDS)
    .sign(secret)
}

/**
 * What a token says; null for one that is not ours, is over, or is spelled in any other way than we spell it. The header must be
 * letter by letter the one that we write for a key of the ring: no algorithm, key or address of a key is ever taken from it.
 */
export async function verifyAccess(ring: KeyRing, token: string, now: Date): Promise<VerifiedAccess | null> {
  if (token.length > charactersMax) return null
  const parts = shape.exec(token)
  if (parts === null) return null
  const [, header, payload, signature] = parts
  const kid = kidOf(header)
  const key = kid === null ? null : await ring.find(kid)
  if (kid === null || key === null || !isCanonical(signature) || !isCanonical(payload)) return null
  try {
    const { payload: claims } = await jwtVerify(token, key.secret, {
      algorithms: ['HS256'],
      typ,
      issuer,
      audience,
      requiredClaims: ['sub', 'jti', 'iat', 'exp', 'sv', 'sid'],
      maxTokenAge: ACCESS_SECONDS,
      clockTolerance: toleranceSeconds,
      currentDate: now,
    })
    const { sub, sid, sv, exp, iat } = claims as Record<string, unknown>
    if (typeof sid !== 'string' || !Number.isInteger(sv) || (exp as number) - (iat as number) > ACCESS_SECONDS) return null
    if (claims.aud !== audience || !/^[1-9]\d{0,15}$/.test(String(sub)) || !hasOneSpelling(payload)) return null
    return { user: Number(sub), session: sid, epoch: sv as number, kid, until: ((exp as number) + toleranceSeconds) * 1_000 }
  } catch {
    return null
  }
}

/** The key's id in a header that is spelled as ours are; null for any other. */
function kidOf(header: string): string | null {
  try {
    const { kid } = JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) as { kid?: unknown }
    return typeof kid === 'string' && encode(headerOf(kid)) === header ? kid : null
  } catch {
    return null
  }
}

/** Spare bits at the end of base64url can be altered without altering the bytes. */
const isCanonical = (part: string) => Buffer.from(part, 'base64url').toString('base64url') === part

/** A claim twice, blanks: signed by us it would be, but we sign nothing of the kind. */
function hasOneSpelling(payload: string): boolean {
  const text = Buffer.from(payload, 'base64url').toString('utf8')
  return JSON.stringify(JSON.parse(text)) === text
}
