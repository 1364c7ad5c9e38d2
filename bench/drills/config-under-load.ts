/**
 * Changes ef_search and a weight while two or more workers predict: how long until every worker obeys, whether every answer is of
 * exactly one configuration, and what becomes of a stale, an invalid and a reverted change.
 * `bun bench/drills/config-under-load.ts [--items 20000] [--workers 2] [--connections 32] [--rounds 10] [--small] [--json]`
 */
import { parseArgs } from 'node:util'
import type { AuditEntry } from '../../server/contract/audit'
import type { Prediction } from '../../server/contract/predict'
import type { CurrentConfig, RuntimeConfig } from '../../server/contract/runtime-config'
import { type Asking, startAsking } from '../measure/asking'
import { serveProduct } from '../measure/program'
import { beginReport, printReport, type Row, say } from '../measure/report'
import { inWorkspace, smokeNote, trainOn, writeSamplePlant } from '../measure/sample-plant'
import { type SignedIn, signIn } from '../measure/signed-in'

const { values } = parseArgs({
  options: {
    items: { type: 'string' },
    workers: { type: 'string', default: '2' },
    connections: { type: 'string' },
    rounds: { type: 'string' },
    small: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
})
const items = Number(values.items ?? (values.small ? 1_500 : 20_000))
const connections = Number(values.connections ?? (values.small ? 16 : 32))
const rounds = Number(values.rounds ?? (values.small ? 2 : 10))
/** What is promised. */
const obeyMsMax = 100
const settleMs = 400

interface Change {
  name: string
  revision: number
  /** When the change was acknowledged. */
  at: number
  /** What the first question was answered when all obeyed. */
  said: string
  config: RuntimeConfig
}

const report = beginReport(
  'config-under-load',
  'How long after a change of the configuration does every worker obey, and what do answers say meanwhile?',
)
const good = await inWorkspace('config', async (place) => {
  say('sample plant, training')
  const sample = await writeSamplePlant(place.folder, items)
  const trained = await trainOn(sample.path, place, { activate: true, smoke: values.small })
  const served = await serveProduct('routewright', place, { workers: Number(values.workers) })
  try {
    return await drill(served.origin, await signIn(served.origin, place), trained.answer.items)
  } finally {
    await served.stop()
  }
})
process.exitCode = good ? 0 : 1

async function drill(origin: string, { admin, machine }: SignedIn, known: number): Promise<boolean> {
  const call = async <T>(path: string, init: RequestInit = {}) => {
    const response = await fetch(`${origin}/api/v1/${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', ...admin, ...init.headers },
    })
    return { status: response.status, etag: response.headers.get('etag') ?? '', body: (await response.json()) as T }
  }
  const patch = (ifMatch: string, body: object) =>
    call<CurrentConfig & { code?: string; details?: { path: string }[] }>('config?note=drill', {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json', 'if-match': ifMatch },
      body: JSON.stringify(body),
    })
  const revert = (revision: number) => call<CurrentConfig>('config/revert', { method: 'POST', body: JSON.stringify({ revision }) })
  const predict = async (question: object): Promise<Prediction> => {
    const response = await fetch(`${origin}/api/v1/predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...machine },
      body: JSON.stringify(question),
    })
    return (await response.json()) as Prediction
  }

  const { body: page } = await call<{ items: { item: string }[] }>('items?limit=100', { headers: machine })
  const questions = page.items.slice(0, 50).map(({ item }) => ({ item, ignoreOwnHistory: true, candidates: 1 }))
  const attribute = (await predict(questions[0])).neighbours[0].reasons[0].attribute
  const start = await call<CurrentConfig>('config')
  const steps: [name: string, body: object | null][] = [
    ['ef_search 256', { search: { efSearch: 256 } }],
    [`weight of ${attribute} 0`, { search: { weights: { [attribute]: 0 } } }],
    ['ef_search 32', { search: { efSearch: 32 } }],
    [`weight of ${attribute} 3`, { search: { weights: { [attribute]: 3 } } }],
    ['revert to the defaults', null],
  ]

  say(`${connections} connections ask, ${rounds} × ${steps.length} changes`)
  const asking = startAsking({ url: `${origin}/api/v1/predict`, headers: machine, connections, questions, read: whatItSaid })
  await Bun.sleep(2 * settleMs)
  const probe = async () => whatItSaid(JSON.stringify(await predict(questions[0])))
  const { revision, config } = start.body
  const changes: Change[] = [{ name: 'before', revision, at: Number.NEGATIVE_INFINITY, config, said: await probe() }]
  let etag = start.etag
  for (let round = 0; round < rounds; round++) {
    for (const [name, body] of steps) {
      const { status, body: changed, etag: next } = body === null ? await revert(0) : await patch(etag, body)
      if (status !== 200) throw new Error(`${name} was answered with ${status}`)
      const at = performance.now()
      await everybodySays(asking, changed.revision)
      changes.push({ name, revision: changed.revision, at, config: changed.config, said: await probe() })
      etag = next
      await Bun.sleep(settleMs)
    }
  }
  const stale = await patch(start.etag, { search: { efSearch: 64 } })
  const invalid = await patch(etag, { search: { efSearch: 5, topK: 20 } })
  const after = await call<CurrentConfig>('config')
  await Bun.sleep(settleMs)
  await asking.stop()

  const obeyed = changes.slice(1).map((change, at) => obedience(asking, changes[at], change))
  const mixed = await countMixed(asking, changes, (question, { search }) =>
    predict({ ...questions[question], efSearch: search.efSearch, weights: search.weights }),
  )
  const failed = asking.answers.filter(({ status }) => status !== 200).length
  const { body: trail } = await call<{ entries: AuditEntry[] }>(`audit?limit=200&action=config`)
  const audited = trail.entries.filter(({ action }) => action.startsWith('config.'))
  const latencies = asking.answers.map(({ sentAt, receivedAt }) => receivedAt - sentAt).sort((a, b) => a - b)
  const slowest = Math.max(...obeyed.map(({ lateMs }) => Number(lateMs)))
  const differing = steps.map(([name]) => changes.find((change) => change.name === name)!.said)
  const checks: Row[] = [
    check('answers of an older configuration, asked for more than 100 ms after the change', count(asking, changes, obeyMsMax), 0),
    check('answers that are of no configuration, or of two', mixed, 0),
    check('failed requests', failed, 0),
    check('distinct answers to one question over the steps', new Set(differing).size, '≥ 4', (n) => n >= 4),
    check('its answer after the last revert as before', changes.at(-1)!.said === changes[0].said, true),
    check('stale If-Match', `${stale.status} ${stale.body.code}`, '412 stale_revision'),
    check(
      'invalid value',
      `${invalid.status} ${invalid.body.code} ${invalid.body.details?.[0]?.path}`,
      '422 invalid_value /search/efSearch',
    ),
    check('revision after both', after.body.revision, changes.at(-1)!.revision),
    check('audit rows of changes', audited.length, Math.min(200, changes.length - 1)),
  ]
  const isGood = checks.every(({ good }) => good === true)
  printReport(
    {
      ...report,
      data: `sample plant of ${known} items, ${values.workers} workers, ${connections} connections, 50 questions`,
      warmUp: `${2 * settleMs} ms of load before the first change`,
      repetitions: `${changes.length - 1} changes, ${asking.answers.length} answers`,
      sections: [
        { title: 'each kind of change', rows: steps.map(([name]) => summary(name, obeyed)) },
        { title: 'promises', rows: checks },
        {
          title: 'load',
          rows: [
            {
              answers: asking.answers.length,
              'p50 ms': quantile(latencies, 0.5),
              'p99 ms': quantile(latencies, 0.99),
              'slowest obedience ms': slowest,
            },
          ],
        },
        {
          title: 'audit, the newest',
          rows: audited.slice(0, 5).map(({ id, actor, action, details }) => ({ id, actor, action, details: JSON.stringify(details) })),
        },
      ],
      notes: [
        'late ms: from the acknowledged change to the last request, on any connection, that was still answered by the older configuration',
        'all connections ms: from the acknowledged change until every connection had an answer of the new one',
        ...(values.small ? [smokeNote] : []),
      ],
    },
    { json: values.json },
  )
  return isGood
}

/** What a change of the configuration can change in an answer. */
function whatItSaid(body: string): string {
  const { efSearch, neighbours, candidates } = JSON.parse(body) as Prediction
  return JSON.stringify([
    efSearch,
    neighbours.map(({ item, similarity }) => [item, similarity]),
    candidates.map(({ signature }) => signature),
  ])
}

/** Waits until an answer of the revision came over every connection, for ten seconds at most. */
async function everybodySays({ answers }: Asking, revision: number): Promise<void> {
  const missing = new Set(Array.from({ length: connections }, (_, connection) => connection))
  for (let at = 0, until = performance.now() + 10_000; missing.size > 0 && performance.now() < until; ) {
    for (; at < answers.length; at++) if (answers[at].configRev === revision) missing.delete(answers[at].connection)
    await Bun.sleep(10)
  }
}

/** How long a change took to reach everybody. */
function obedience({ answers }: Asking, before: Change, { name, revision, at }: Change) {
  const old = answers.filter((answer) => answer.configRev === before.revision && answer.sentAt > at)
  const first = new Map<number, number>()
  for (const { configRev, connection, receivedAt } of answers) {
    if (configRev === revision && !first.has(connection)) first.set(connection, receivedAt - at)
  }
  const lateMs = Math.max(0, ...old.map(({ sentAt }) => sentAt - at))
  return { name, lateMs: round(lateMs), allMs: first.size === connections ? round(Math.max(...first.values())) : Number.NaN }
}

/** Answers of a configuration that was replaced more than so long before they were asked for. */
function count({ answers }: Asking, changes: Change[], ms: number): number {
  const replacedAt = new Map(changes.slice(1).map(({ at }, index) => [changes[index].revision, at]))
  return answers.filter(({ configRev, sentAt }) => sentAt > (replacedAt.get(configRev) ?? Number.POSITIVE_INFINITY) + ms).length
}

/** Each answer must be what its own configuration gives when it is spelled out in the request. */
async function countMixed(
  { answers }: Asking,
  changes: Change[],
  ask: (question: number, config: RuntimeConfig) => Promise<Prediction>,
): Promise<number> {
  const configs = new Map(changes.map(({ revision, config }) => [revision, config]))
  const expected = new Map<string, string>()
  let mixed = 0
  for (const { status, configRev, question, said } of answers) {
    if (status !== 200) continue
    const config = configs.get(configRev)
    if (config === undefined) {
      mixed++
      continue
    }
    const key = `${question} ${JSON.stringify(config.search)}`
    if (!expected.has(key)) expected.set(key, whatItSaid(JSON.stringify(await ask(question, config))))
    if (said !== expected.get(key)) mixed++
  }
  return mixed
}

function summary(name: string, all: ReturnType<typeof obedience>[]): Row {
  const of = all.filter((each) => each.name === name)
  const sorted = (pick: (each: (typeof of)[number]) => number) => of.map(pick).sort((a, b) => a - b)
  const [late, every] = [sorted(({ lateMs }) => lateMs), sorted(({ allMs }) => allMs)]
  return {
    change: name,
    changes: of.length,
    'late ms, median': quantile(late, 0.5),
    'late ms, worst': late.at(-1),
    'all connections ms, median': quantile(every, 0.5),
    'all connections ms, worst': every.at(-1),
  }
}

function check<T extends string | number | boolean>(
  what: string,
  found: T,
  wanted: T | string,
  holds = (value: T) => value === wanted,
): Row {
  return { what, found, wanted, good: holds(found) }
}
function round(ms: number): number {
  return Math.round(ms * 10) / 10
}
function quantile(sorted: number[], share: number): number {
  return round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN)
}
