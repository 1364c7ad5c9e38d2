/**
 * The keys that sign access tokens: a file beside the database, readable by its owner only, shared by all workers. `next` is there
 * before it is used, so that a worker which has not read the newest file yet knows it; `previous` counts until the last token that
 * it signed is over.
 */
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type Static, Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { DomainError } from '../../domain/error'

const secretBytes = 32
/** A key signs so long, then the next one follows by itself. */
export const KEY_MS_MAX = 30 * 86_400_000
/** The previous key counts this long after a rotation: a token's life and the tolerance of clocks. */
export const PREVIOUS_KEY_MS = 11 * 60_000
const lookMs = 1_000
/** A rotation whose process died leaves its mark for so long. */
const rotationMsMax = 10_000

const Key = Type.Object({
  kid: Type.String({ pattern: '^[A-Za-z0-9_-]{8,32}$' }),
  secret: Type.String({ pattern: '^[A-Za-z0-9_-]{43,}$' }),
})
const KeyFile = Type.Object({
  rotatedAt: Type.String(),
  next: Key,
  current: Key,
  previous: Type.Union([Key, Type.Null()]),
  /** Signs the tickets of those who wait; stays over rotations. */
  tickets: Key,
})
type KeyFile = Static<typeof KeyFile>

/** Where the signing keys of a database lie. */
export const keysPath = (databasePath: string): string => join(dirname(databasePath), 'keys.json')

export interface SigningKey {
  kid: string
  secret: CryptoKey
}

export interface KeyRing {
  /** The key that signs. */
  current(): Promise<SigningKey>
  /** The key of this id while it counts; null for any other. */
  find(kid: string): Promise<SigningKey | null>
  /** The key of the tickets of those who wait for weeks. */
  tickets(): Promise<CryptoKey>
  /** `next` begins to sign when the current one is too old. Of several processes one does it. */
  rotateWhenOld(now: Date): boolean
}

/** Reads the file, makes it where there is none. Throws `forbidden` when others may read it, `database_unavailable` when it is unreadable. */
export function openKeyRing(path: string, { now = () => new Date() }: { now?: () => Date } = {}): KeyRing {
  if (!existsSync(path)) createKeys(path, now())
  let file = readKeys(path)
  let stamp = stampOf(path)
  let lookedAt = performance.now()
  const imported = new Map<string, { secret: string; key: Promise<CryptoKey> }>()

  const look = (always: boolean) => {
    const at = performance.now()
    if (!always && at - lookedAt < lookMs) return
    lookedAt = at
    try {
      const newest = stampOf(path)
      if (newest === stamp) return
      file = readKeys(path)
      stamp = newest
      imported.clear()
    } catch {
      // A file that is gone or half there for the moment: what was read before counts.
    }
  }
  const use = async ({ kid, secret }: Static<typeof Key>): Promise<SigningKey> => {
    let known = imported.get(kid)
    if (known?.secret !== secret) {
      known = { secret, key: importKey(secret) }
      imported.set(kid, known)
    }
    return { kid, secret: await known.key }
  }
  const held = (kid: string) => {
    const { next, current, previous, rotatedAt } = file
    if (kid === current.kid) return current
    if (kid === next.kid) return next
    return kid === previous?.kid && now().getTime() - Date.parse(rotatedAt) < PREVIOUS_KEY_MS ? previous : null
  }
  return {
    current: () => {
      look(false)
      return use(file.current)
    },
    find: async (kid) => {
      look(false)
      let key = held(kid)
      if (key === null && /^[A-Za-z0-9_-]{8,32}$/.test(kid)) {
        look(true)
        key = held(kid)
      }
      return key === null ? null : use(key)
    },
    tickets: async () => (await use(file.tickets)).secret,
    rotateWhenOld: (at) => {
      look(true)
      if (at.getTime() - Date.parse(file.rotatedAt) < KEY_MS_MAX) return false
      return rotateKeys(path, at, { ifRotatedAt: file.rotatedAt })
    },
  }
}

/**
 * `next` signs from now on, a new one waits. False when another process is at it, or has done it since `ifRotatedAt`.
 * Throws `forbidden`, `database_unavailable`.
 */
export function rotateKeys(path: string, now: Date, { ifRotatedAt }: { ifRotatedAt?: string } = {}): boolean {
  const mark = `${path}.rotating`
  if (!takeMark(mark, now)) return false
  try {
    const { next, current, rotatedAt, tickets } = readKeys(path)
    if (ifRotatedAt !== undefined && rotatedAt !== ifRotatedAt) return false
    const temporary = writeKeys(path, { rotatedAt: now.toISOString(), next: newKey(), current: next, previous: current, tickets })
    renameSync(temporary, path)
    syncDirectory(path)
    return true
  } finally {
    rmSync(mark, { force: true })
  }
}

function takeMark(mark: string, now: Date): boolean {
  for (let tries = 0; tries < 2; tries++) {
    try {
      closeSync(openSync(mark, 'wx', 0o600))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(error)
      const age = now.getTime() - (statSync(mark, { throwIfNoEntry: false })?.mtimeMs ?? 0)
      if (age < rotationMsMax) return false
      rmSync(mark, { force: true })
    }
  }
  return false
}

/** Several processes may do this at once: the first file that gets the name stays. */
function createKeys(path: string, now: Date): void {
  const temporary = writeKeys(path, { rotatedAt: now.toISOString(), next: newKey(), current: newKey(), previous: null, tickets: newKey() })
  try {
    linkSync(temporary, path)
    syncDirectory(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(error)
  } finally {
    rmSync(temporary, { force: true })
  }
}

function writeKeys(path: string, keys: KeyFile): string {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = openSync(temporary, 'wx', 0o600)
    writeSync(file, `${JSON.stringify(keys, null, 2)}\n`)
    fsyncSync(file)
    closeSync(file)
    return temporary
  } catch (error) {
    rmSync(temporary, { force: true })
    throw unusable(error)
  }
}

function readKeys(path: string): KeyFile {
  let keys: unknown
  try {
    if (process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0) {
      throw new DomainError('forbidden', `the signing keys in ${path} can be read by others: chmod 600 it, then routewright keys rotate`)
    }
    keys = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw error instanceof DomainError ? error : unusable(error)
  }
  if (
    !Value.Check(KeyFile, keys) ||
    ![keys.next, keys.current, keys.previous, keys.tickets].every((key) => key === null || isStrong(key.secret))
  ) {
    throw new DomainError(
      'database_unavailable',
      `the signing keys in ${path} are damaged or too short; without the file new ones are made`,
    )
  }
  return keys
}

const newKey = () => ({ kid: randomBytes(9).toString('base64url'), secret: randomBytes(secretBytes).toString('base64url') })

/** Long enough, and not one byte over and over. */
function isStrong(secret: string): boolean {
  const bytes = Buffer.from(secret, 'base64url')
  return bytes.length >= secretBytes && new Set(bytes).size > 8
}

const importKey = (secret: string) =>
  crypto.subtle.importKey('raw', Buffer.from(secret, 'base64url'), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify'])

const stampOf = (path: string) => {
  const { ino, mtimeMs, size } = statSync(path)
  return `${ino} ${mtimeMs} ${size}`
}

function syncDirectory(path: string): void {
  if (process.platform === 'win32') return
  const directory = openSync(dirname(path), 'r')
  fsyncSync(directory)
  closeSync(directory)
}

const unusable = (cause: unknown) =>
  new DomainError('database_unavailable', 'the signing keys beside the database cannot be used', { cause })
