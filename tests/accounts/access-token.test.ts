/** Tokens that are not ours, each in a way of its own; one that is ours beside them. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { generateKeyPairSync, sign as signWith } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuthApp, type Browser, startAuthApp } from './auth-app'

let app: AuthApp
let anna: Browser
let mallory: Browser
beforeAll(async () => {
  app = await startAuthApp()
  await app.person('anna')
  await app.person('mallory')
  anna = app.browser()
  mallory = app.browser()
  expect((await anna.logIn('anna')).status).toBe(200)
  expect((await mallory.logIn('mallory')).status).toBe(200)
})
afterAll(() => app.stop())

const b64 = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const keys = () => JSON.parse(readFileSync(join(app.directory, 'keys.json'), 'utf8'))
const hmac = (text: string, secret: string | Buffer, algorithm = 'sha256') =>
  new Bun.CryptoHasher(algorithm as 'sha256', typeof secret === 'string' ? Buffer.from(secret, 'base64url') : secret)
    .update(text)
    .digest('base64url')

/** Signed with our own key: only what is said in it is wrong. */
function forge({ header = {}, payload = {}, drop = [], text, secret }: Forgery = {}): string {
  const [h, p] = anna.cookies.get('sid')!.split('.')
  const ourHeader = { ...JSON.parse(Buffer.from(h, 'base64url').toString()), ...header }
  const claims = { ...JSON.parse(Buffer.from(p, 'base64url').toString()), ...payload }
  for (const name of drop) {
    delete ourHeader[name]
    delete claims[name]
  }
  const signed = `${b64(ourHeader)}.${text === undefined ? b64(claims) : b64(text)}`
  return `${signed}.${hmac(signed, secret ?? keys().current.secret)}`
}
interface Forgery {
  header?: Record<string, unknown>
  payload?: Record<string, unknown>
  drop?: string[]
  text?: string
  secret?: string | Buffer
}

const seconds = () => Math.floor(Date.now() / 1000)
const claimsText = () => Buffer.from(anna.cookies.get('sid')!.split('.')[1], 'base64url').toString()
const parts = () => anna.cookies.get('sid')!.split('.')
const unsigned = (header: object, signature = '') => `${b64(header)}.${parts()[1]}.${signature}`
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const rsaPublic = rsa.publicKey.export({ type: 'spki', format: 'pem' }) as string
const swapLast = (text: string) => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  // The last character of 43 holds two spare bits: the bytes stay the same.
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1)!) ^ 1]
}

const bad: [string, () => string][] = [
  ['alg none, no signature', () => unsigned({ alg: 'none', typ: 'at+jwt' })],
  ['alg None', () => unsigned({ alg: 'None', typ: 'at+jwt' })],
  ['alg NONE', () => unsigned({ alg: 'NONE', typ: 'at+jwt' })],
  ['alg nOnE with our kid', () => unsigned({ alg: 'nOnE', typ: 'at+jwt', kid: keys().current.kid })],
  ['alg none with our signature', () => unsigned({ alg: 'none', typ: 'at+jwt', kid: keys().current.kid }, parts()[2])],
  ['our header, no signature', () => `${parts()[0]}.${parts()[1]}.`],
  ['only two parts', () => `${parts()[0]}.${parts()[1]}`],
  ['a fourth part', () => `${anna.cookies.get('sid')}.x`],
  ['five parts, as if encrypted', () => `${anna.cookies.get('sid')}.a.b`],
  ['empty', () => ''],
  ['dots only', () => '..'],
  [
    'HS384 by our key',
    () => {
      const signed = `${b64({ alg: 'HS384', typ: 'at+jwt', kid: keys().current.kid })}.${parts()[1]}`
      return `${signed}.${hmac(signed, keys().current.secret, 'sha384')}`
    },
  ],
  [
    'HS512 by our key',
    () => {
      const signed = `${b64({ alg: 'HS512', typ: 'at+jwt', kid: keys().current.kid })}.${parts()[1]}`
      return `${signed}.${hmac(signed, keys().current.secret, 'sha512')}`
    },
  ],
  [
    'RS256 by a key of its own',
    () => {
      const signed = `${b64({ alg: 'RS256', typ: 'at+jwt', kid: keys().current.kid })}.${parts()[1]}`
      return `${signed}.${signWith('RSA-SHA256', Buffer.from(signed), rsa.privateKey).toString('base64url')}`
    },
  ],
  ['HS256 with a public RSA key as the secret', () => forge({ secret: Buffer.from(rsaPublic) })],
  [
    'a jwk of its own in the header',
    () => forge({ header: { jwk: { kty: 'oct', k: b64('x'.repeat(32)) } }, secret: Buffer.from('x'.repeat(32)) }),
  ],
  ['a jwk in the header, signed by us', () => forge({ header: { jwk: { kty: 'oct', k: b64('x'.repeat(32)) } } })],
  ['jku', () => forge({ header: { jku: 'http://127.0.0.1:1/keys' } })],
  ['x5u', () => forge({ header: { x5u: 'http://127.0.0.1:1/cert' } })],
  ['x5c', () => forge({ header: { x5c: ['MIIB'] } })],
  ['kid of a file', () => forge({ header: { kid: '../../dev/null' }, secret: Buffer.alloc(32) })],
  ['kid of a file, empty key', () => forge({ header: { kid: '/dev/null' }, secret: Buffer.alloc(1) })],
  ['kid of SQL', () => forge({ header: { kid: "x' UNION SELECT 'secret" } })],
  ['kid with NUL', () => forge({ header: { kid: `${keys().current.kid}\u0000` } })],
  ['kid a number', () => forge({ header: { kid: 1 } })],
  ['kid a list', () => forge({ header: { kid: [keys().current.kid] } })],
  ['kid __proto__', () => forge({ header: { kid: '__proto__' } })],
  ['no kid', () => forge({ drop: ['kid'] })],
  ['unknown kid', () => forge({ header: { kid: 'AAAAAAAAAAAA' } })],
  ['kid of the next key, signed by the current one', () => forge({ header: { kid: keys().next.kid } })],
  ['crit', () => forge({ header: { crit: ['exp'] } })],
  ['crit of an unknown extension', () => forge({ header: { crit: ['b64'], b64: false } })],
  ['typ JWT', () => forge({ header: { typ: 'JWT' } })],
  ['no typ', () => forge({ drop: ['typ'] })],
  [
    'members of the header in another order',
    () => {
      const signed = `${b64({ kid: keys().current.kid, typ: 'at+jwt', alg: 'HS256' })}.${parts()[1]}`
      return `${signed}.${hmac(signed, keys().current.secret)}`
    },
  ],
  [
    'alg twice in the header',
    () => {
      const signed = `${b64(`{"alg":"none","alg":"HS256","typ":"at+jwt","kid":"${keys().current.kid}"}`)}.${parts()[1]}`
      return `${signed}.${hmac(signed, keys().current.secret)}`
    },
  ],
  ['wrong audience', () => forge({ payload: { aud: 'other' } })],
  ['audience among others', () => forge({ payload: { aud: ['routewright', 'other'] } })],
  ['no audience', () => forge({ drop: ['aud'] })],
  ['wrong issuer', () => forge({ payload: { iss: 'other' } })],
  ['no issuer', () => forge({ drop: ['iss'] })],
  ['no exp', () => forge({ drop: ['exp'] })],
  ['exp a text', () => forge({ payload: { exp: '9999999999' } })],
  ['exp beyond the life of a token', () => forge({ payload: { exp: seconds() + 86_400 } })],
  ['over for 31 seconds', () => forge({ payload: { iat: seconds() - 631, exp: seconds() - 31 } })],
  ['issued long ago, exp ahead', () => forge({ payload: { iat: seconds() - 700, exp: seconds() + 60 } })],
  ['issued in the future', () => forge({ payload: { iat: seconds() + 120, exp: seconds() + 600 } })],
  ['no iat', () => forge({ drop: ['iat'] })],
  ['not before the future', () => forge({ payload: { nbf: seconds() + 120 } })],
  ['no jti', () => forge({ drop: ['jti'] })],
  ['no sub', () => forge({ drop: ['sub'] })],
  ['no sv', () => forge({ drop: ['sv'] })],
  ['no sid', () => forge({ drop: ['sid'] })],
  ['sv of another time', () => forge({ payload: { sv: 1 } })],
  ['sv a text', () => forge({ payload: { sv: '0' } })],
  ["somebody else's sub", () => forge({ payload: { sub: '2' } })],
  ['sub not as a number is written', () => forge({ payload: { sub: '01' } })],
  ['sub with an exponent', () => forge({ payload: { sub: '1e0' } })],
  ['sid of nobody', () => forge({ payload: { sid: 'A'.repeat(22) } })],
  ['sid a list', () => forge({ payload: { sid: ['x'] } })],
  ['a claim twice', () => forge({ text: claimsText().replace('{', '{"sub":"2",') })],
  ['blanks in the claims', () => forge({ text: `${claimsText()} ` })],
  ['claims that are no object', () => forge({ text: '"text"' })],
  ['claims that are no JSON', () => forge({ text: '{"sub":' })],
  ['another key', () => forge({ secret: Buffer.alloc(32, 7) })],
  ['an empty key', () => forge({ secret: Buffer.alloc(1) })],
  ['signature with altered spare bits', () => `${parts()[0]}.${parts()[1]}.${swapLast(parts()[2])}`],
  ['signature padded', () => `${anna.cookies.get('sid')}=`],
  ['signature of another token', () => `${parts()[0]}.${parts()[1]}.${mallory.cookies.get('sid')!.split('.')[2]}`],
  ['payload of another token', () => `${parts()[0]}.${mallory.cookies.get('sid')!.split('.')[1]}.${parts()[2]}`],
  ['an old refresh token in its place', () => anna.cookies.get('rid')!],
  ['8 KB of claims, well signed', () => forge({ payload: { x: 'x'.repeat(8_000) } })],
]

describe('an access token', () => {
  const status = async (token: string) => (await app.call('/api/v1/auth/me', { headers: { cookie: `sid=${token}` } })).status

  test('of ours is good, also when made by the tools of these tests', async () => {
    expect(await status(anna.cookies.get('sid')!)).toBe(200)
    expect(await status(forge())).toBe(200)
    expect(await status(forge({ payload: { iat: seconds() - 620, exp: seconds() - 20 } }))).toBe(200)
    expect(await status(forge({ payload: { iat: seconds() + 20, exp: seconds() + 600 } }))).toBe(200)
    expect(bad.length).toBeGreaterThanOrEqual(60)
  })
  for (const [name, make] of bad) {
    test(`is refused: ${name}`, async () => {
      expect(await status(make())).toBe(401)
    })
  }
  test('of 1 MB is refused before anything looks at it', async () => {
    const answer = await app.call('/api/v1/auth/me', { headers: { cookie: `sid=${'a'.repeat(1_000_000)}` } }).catch(() => null)
    expect(answer === null || answer.status >= 400).toBe(true)
    expect(await status(anna.cookies.get('sid')!)).toBe(200)
  })
  test('in the Authorization header is none', async () => {
    const answer = await app.call('/api/v1/auth/me', { headers: { authorization: `Bearer ${anna.cookies.get('sid')}` } })
    expect(answer.status).toBe(401)
  })
})
