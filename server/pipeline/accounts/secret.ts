/** Secrets that are shown once and kept as a hash. They are random and long, so a fast hash is enough. */

import { timingSafeEqual } from 'node:crypto'

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** Crockford's: no I, L, O, U, so that it can be read out and typed. */
const base32 = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** `length` random characters of an alphabet of at most 256, each as likely as the others. */
function randomText(alphabet: string, length: number): string {
  const fair = 256 - (256 % alphabet.length)
  let text = ''
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(2 * length))) {
      if (byte < fair && text.length < length) text += alphabet[byte % alphabet.length]
    }
  }
  return text
}

/** Letters and digits; 43 of them hold 256 bits. */
export const randomBase62 = (length: number): string => randomText(base62, length)

/** 100 bits that a person can type: `7QK2M-…`, four groups of five. */
export const randomCode = (): string => Array.from({ length: 4 }, () => randomText(base32, 5)).join('-')

/** A code as it was typed, as it is compared: without blanks and dashes, O for 0 and I or L for 1. */
export const normalizeCode = (typed: string): string => typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')

/** SHA-256, hexadecimal. */
export const hashSecret = (secret: string): string => new Bun.CryptoHasher('sha256').update(secret).digest('hex')
/** Of a code as `normalizeCode` makes it. */
export const hashCode = (typed: string): string => hashSecret(normalizeCode(typed))

/** Compares two hashes in a time that does not tell where they differ. */
export const sameHash = (a: string, b: string): boolean => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))
