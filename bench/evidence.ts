/**
 * What a request pays for being known: the same route without any of it, with the record, with its line in the log, and with the
 * figures and metrics. `bun bench/evidence.ts [requests]`. In one process, without sockets;
 * processor time of the whole process, writing included; the best of fifteen rounds each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from '@sinclair/typebox'
import { Elysia } from 'elysia'
import { type AccessRecord, accessLog } from '../server/http/access-log'
import { notesOf } from '../server/http/request-notes'
import { openLog } from '../server/log'
import { createEvidence } from '../server/pipeline/evidence/evidence'
import { openStore } from '../server/store/open'

const requests = Number(process.argv[2] ?? 5_000)
const rounds = 15
const directory = mkdtempSync(join(tmpdir(), 'bench-evidence-'))
const log = openLog({ directory, level: 'info', worker: 0 })
const evidence = createEvidence({
  db: openStore(join(directory, 'db.sqlite')),
  databasePath: join(directory, 'db.sqlite'),
  bootId: log.bootId,
  worker: 1,
  slowMs: () => 100,
  configRevision: () => 0,
  state: () => ({ version: 'v', epoch: 1, configRevision: 0, workers: 1 }),
  loopLagMs: () => 0,
  figures: [],
  log,
  reportFailure: (error) => {
    throw error
  },
})
evidence.start()

const answer = { version: 'v', epoch: 1, items: Array.from({ length: 50 }, (_, index) => ({ name: `item ${index}`, value: index * 1.5 })) }
const route = (app: Elysia) =>
  app.get(
    '/api/v1/predict',
    ({ request, set }) => {
      const own = notesOf(request)
      Object.assign(own, { version: 'v', epoch: 1, configRevision: 2, efSearch: 96, k: 10, cache: 'miss' })
      Object.assign(own.stages, { encode: 0.1, search: 0.5, compose: 0.4, times: 0.2 })
      set.headers['x-request-id'] = 'abcdefgh-1234'
      return answer
    },
    { response: { 200: Type.Any() } },
  )
const logged = (write: (record: AccessRecord) => void) =>
  route(new Elysia().use(accessLog(write, { addressOf: () => '127.0.0.1' })) as unknown as Elysia)
const cases: [name: string, app: { handle: (request: Request) => Promise<Response> }][] = [
  ['nothing', route(new Elysia())],
  ['the record', logged(() => {})],
  ['and its line in the log', logged(log.access)],
  [
    'and figures, metrics, slow log',
    logged((record) => {
      log.access(record)
      evidence.observe(record)
    }),
  ],
]

async function once({ handle }: { handle: (request: Request) => Promise<Response> }): Promise<number> {
  const before = process.cpuUsage()
  for (let times = 0; times < requests; times++) {
    const response = await handle(
      new Request('http://localhost/api/v1/predict', { headers: { 'user-agent': 'bench', 'content-length': '120' } }),
    )
    await response.arrayBuffer()
  }
  // the records are made after the answers
  await new Promise(setImmediate)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / requests
}

const best = cases.map(() => Number.POSITIVE_INFINITY)
for (let round = 0; round < rounds; round++) {
  for (const [index, [, app]] of cases.entries())
    best[index] = Math.min(best[index], await once({ handle: (request) => app.handle(request) }))
}
for (const [index, [name]] of cases.entries()) {
  const more = index === 0 ? '' : ` (+${(best[index] - best[0]).toFixed(1)})`
  process.stdout.write(`${name.padEnd(32)} ${best[index].toFixed(1)} µs a request${more}\n`)
}
const scrapeAt = performance.now()
const bytes = (await evidence.features.metrics()).length
process.stdout.write(`a scrape: ${(performance.now() - scrapeAt).toFixed(1)} ms, ${bytes} bytes\n`)
await evidence.close()
await log.close()
rmSync(directory, { recursive: true })
process.exit(0)
