/**
 * Does the time of a refused log-in tell who has an account? Over HTTP at the real app, with the throttle's buckets made wide: kinds of
 * names in turn, in an order by chance. Ends with 1 when a median differs from the known name's by 2 ms or more and Mann-Whitney's p
 * is below 0.01.
 *
 *     bun bench/drills/login-timing.ts [--count 1000] [--small] [--json]
 */
import { parseArgs } from 'node:util'
import { insertPendingUser } from '../../server/store/user'
import { writeTransaction } from '../../server/store/write-transaction'
import { password, startAuthApp } from '../../tests/accounts/auth-app'
import { mannWhitney } from '../measure/mann-whitney'
import { median, spread } from '../measure/quantiles'
import { beginReport, printReport, say } from '../measure/report'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const count = values.small ? 30 : Number(values.count)
const namesPerKind = 20
const medianMsMax = 2
const pMin = 0.01

const head = beginReport('login-timing', 'Does the time of a refused log-in tell who has an account?')
const wide = { kind: 'bucket', burst: 1e9, everyMs: 1 } as const
const patient = { kind: 'backoff', free: 1e9, blockMsMin: 1, blockMsMax: 1, perDay: 1e9 } as const
const app = await startAuthApp({
  rules: { account: patient, device: patient, address: wide, total: wide, registerAddress: wide, registerTotal: wide },
})
const kinds = ['known, wrong password', 'unknown', 'pending, right password', 'suspended, right password'] as const
const logins = new Map<(typeof kinds)[number], string[]>()
say('accounts')
for (const kind of kinds) {
  const names = Array.from({ length: namesPerKind }, (_, at) => `${kind.slice(0, 4)}.person${at}`)
  logins.set(kind, names)
  if (kind === 'unknown') continue
  for (const name of names) {
    const { id, login } = await app.person(name)
    if (kind.startsWith('suspended')) await app.suspend(login)
    if (kind.startsWith('pending')) await makePending(id, login)
  }
}

const times = new Map<string, number[]>(kinds.map((kind) => [kind, []]))
const answers = new Set<string>()
for (let round = -3; round < count; round++) {
  if (round >= 0 && round % 100 === 0) say(`${round} of ${count}`)
  for (const kind of shuffled(kinds)) {
    const login = logins.get(kind)![Math.abs(round) % namesPerKind]
    const body = JSON.stringify({ login, password: kind.startsWith('known') ? 'not the one that it is' : password })
    const startedAt = performance.now()
    const answer = await fetch(new URL('/api/v1/auth/login', app.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    const { requestId: _, ...said } = (await answer.json()) as { requestId: string }
    const ms = performance.now() - startedAt
    answers.add(JSON.stringify([answer.status, said]))
    // the first rounds warm up
    if (round >= 0) times.get(kind)!.push(ms)
  }
}
await app.stop()

const known = times.get(kinds[0])!
const rows = kinds.map((kind) => {
  const own = times.get(kind)!
  const { p50, p95, p99 } = spread(own)
  const differsMs = median(own) - median(known)
  return {
    name: kind,
    count: own.length,
    p50ms: round(p50),
    p95ms: round(p95),
    p99ms: round(p99),
    'median - known ms': round(differsMs),
    p: kind === kinds[0] ? null : round(mannWhitney(known, own)),
  }
})
const good = answers.size === 1 && rows.every((row) => Math.abs(row['median - known ms']) < medianMsMax && (row.p === null || row.p > pMin))
printReport(
  {
    ...head,
    data: `${kinds.length} × ${namesPerKind} names`,
    warmUp: '3 rounds',
    repetitions: `${count} log-ins of each kind, in turn, in an order by chance`,
    sections: [{ title: 'Time of a refused log-in over HTTP', rows }],
    notes: [
      `different answers: ${answers.size} (must be 1)`,
      good ? 'nothing is told' : 'SOMETHING IS TOLD',
      'the throttle was made wide for this',
    ],
  },
  values,
)
process.exit(good || values.small ? 0 : 1)

async function makePending(id: number, login: string): Promise<void> {
  app.db.$client.run('update users set login = ? where id = ?', [`was.${login}`, id])
  const { passwordHash } = app.db.$client.query('select password_hash as passwordHash from users where id = ?').get(id) as {
    passwordHash: string
  }
  await writeTransaction(app.db, (tx) =>
    insertPendingUser(tx, { login, name: '', passwordHash, ticketHash: `ticket of ${login}`, now: new Date() }),
  )
}

function shuffled<T>(list: readonly T[]): T[] {
  const order = [...list]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(Math.random() * (at + 1))
    ;[order[at], order[other]] = [order[other], order[at]]
  }
  return order
}

function round(value: number): number {
  return Math.round(value * 1_000) / 1_000
}
