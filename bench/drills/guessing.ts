/**
 * How many passwords can be tried at one account in a day? 10,000 guesses, spread over a day of a clock that is moved on, from one
 * address, with forged `X-Forwarded-For`, and from a thousand real addresses behind a trusted proxy. Meanwhile the owner's own browser
 * must get in. Ends with 1 when more than 100 were verified, or the owner was locked out.
 *
 *     bun bench/drills/guessing.ts [--guesses 10000] [--small] [--json]
 */
import { parseArgs } from 'node:util'
import { password, startAuthApp } from '../../tests/accounts/auth-app'
import { beginReport, printReport, type Row, say } from '../measure/report'

const { values } = parseArgs({
  options: {
    guesses: { type: 'string', default: '10000' },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const guesses = values.small ? 200 : Number(values.guesses)
const dayMs = 86_400_000
const verifiedMax = 100

interface Attack {
  name: string
  trustedProxies: string[]
  forwardedFor: (guess: number) => string | null
  /** False: all as fast as they are answered. */
  overDay: boolean
}
const addressOf = (guess: number) => `198.${18 + ((guess >> 8) & 1)}.${(guess >> 2) & 255}.${guess & 255}`
const attacks: Attack[] = [
  { name: 'one address, as fast as it goes', trustedProxies: [], forwardedFor: () => null, overDay: false },
  { name: 'one address, over a day', trustedProxies: [], forwardedFor: () => null, overDay: true },
  { name: '1,000 forged addresses, over a day', trustedProxies: [], forwardedFor: (guess) => addressOf(guess % 1_000), overDay: true },
  {
    name: '1,000 real addresses behind a proxy, over a day',
    trustedProxies: ['127.0.0.1'],
    forwardedFor: (guess) => addressOf(guess % 1_000),
    overDay: true,
  },
]

const head = beginReport('guessing', 'How many passwords can be tried at one account in a day?')
const rows: Row[] = []
for (const attack of attacks) {
  say(attack.name)
  rows.push(await run(attack))
}
const good = rows.every((row) => Number(row.verified) <= verifiedMax && row.owner === 200)
printReport(
  {
    ...head,
    data: 'one account; its owner logged in once before, and again after each tenth of the guesses',
    warmUp: 'none',
    repetitions: `${guesses} guesses each`,
    sections: [{ title: 'Guesses at one account', rows }],
    notes: [`verified: of the guesses, at most ${verifiedMax} a day`, good ? 'held' : 'NOT HELD'],
  },
  values,
)
process.exit(good ? 0 : 1)

async function run({ name, trustedProxies, forwardedFor, overDay }: Attack): Promise<Row> {
  const app = await startAuthApp({ trustedProxies })
  await app.person('victim')
  const owner = app.browser()
  await owner.logIn('victim')
  const startedAt = performance.now()
  const statuses = new Map<number, number>()
  let verified = 0
  let ownerStatus = 200
  for (let guess = 0; guess < guesses; guess++) {
    const address = forwardedFor(guess)
    const before = app.passwords.verifications()
    const answer = await app.call('/api/v1/auth/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(address === null ? {} : { 'x-forwarded-for': address }) },
      body: JSON.stringify({ login: 'Victim', password: `guess number ${guess} of many` }),
    })
    await answer.arrayBuffer()
    verified += app.passwords.verifications() - before
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1)
    if (overDay) app.clock.aheadMs += dayMs / guesses
    if ((guess + 1) % Math.ceil(guesses / 10) === 0) {
      const entered = await owner.logIn('victim', password)
      if (entered.status !== 200) ownerStatus = entered.status
    }
  }
  const seconds = (performance.now() - startedAt) / 1_000
  await app.stop()
  return { attack: name, guesses, verified, refused: statuses.get(429) ?? 0, owner: ownerStatus, seconds: Math.round(seconds * 10) / 10 }
}
