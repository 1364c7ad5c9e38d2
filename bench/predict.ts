/**
 * How fast are predictions over HTTP, and what does the rest of the answer cost beside the search? p50, p95, p99 at 1 and 16
 * connections and requests a second with 1 and 2 workers, no question twice in a pass over the questions. In the same rounds:
 * a bare `Bun.serve` that answers as many bytes (the floor), and FastAPI + uvicorn + hnswlib searching for the same ten.
 *
 *     bun bench/predict.ts [--items 20000 | --models DIR --database FILE] [--rounds 3] [--seconds 3] [--json] [--smoke]
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { judge } from './measure/budgets'
import { type LoadResult, startLoadGenerator } from './measure/load'
import { freePort, type Served, serveProduct, tail } from './measure/program'
import { median, spread } from './measure/quantiles'
import { makeQuestions, type Questions, searchEf, searchK } from './measure/questions'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, smokeNote, trainOn, type Workspace, writeSamplePlant } from './measure/sample-plant'
import { round, wholeNumbers } from './measure/values'
import { prepareFastapi } from './peers/fastapi-hnswlib'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    models: { type: 'string' },
    database: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
if ((values.models === undefined) !== (values.database === undefined)) throw new Error('--models and --database go together')
const [items] = values.smoke ? [1_000] : wholeNumbers('items', values.items)
const [rounds] = values.smoke ? [1] : wholeNumbers('rounds', values.rounds)
const seconds = values.smoke ? 0.4 : Number(values.seconds)
const warmUpSeconds = values.smoke ? 0.1 : 1
const questionsMax = values.smoke ? 200 : 5_000
const connectionCounts = [1, 16]
const head = beginReport('predict', 'How fast are predictions over HTTP?')
const notes: string[] = []

/** One server and what it is asked. */
interface Contestant {
  served: Served
  path: string
  bodiesPath: string
  recall: number | null
}

const product = { predict: 'predict, 1 worker', two: 'predict, 2 workers', similar: 'similar, 1 worker' }
const peer = { one: 'FastAPI + hnswlib, 1 worker', two: 'FastAPI + hnswlib, 2 workers' }
const floor = 'bare Bun.serve, same bytes'

await inWorkspace('predict', async (workspace) => {
  const { place, data } = await version(workspace)
  const servers: Served[] = []
  const load = startLoadGenerator()
  try {
    const one = await serveProduct('routewright', place)
    servers.push(one)
    const form = await fetch(`${one.origin}/api/v1/form`, { headers: one.headers })
    if (form.status !== 200) throw new Error(`the server answers ${form.status}: ${await form.text()}`)
    const { version: active } = (await form.json()) as { version: string }
    say('questions, and exact search for the recall')
    const questions = await makeQuestions(workspace.folder, join(place.models, active), questionsMax)
    const { predictPath, similarPath, recall } = questions
    const contestants = new Map<string, Contestant>([
      [product.predict, { served: one, path: '/api/v1/predict', bodiesPath: predictPath, recall }],
      [product.similar, { served: one, path: '/api/v1/similar', bodiesPath: similarPath, recall }],
    ])
    if (process.platform === 'linux') {
      const two = await serveProduct('routewright, 2 workers', place, { workers: 2 })
      servers.push(two)
      contestants.set(product.two, { served: two, path: '/api/v1/predict', bodiesPath: predictPath, recall })
    } else notes.push('skipped: 2 workers share a port on Linux only')
    for (const [name, contestant] of await peers(workspace, questions, servers)) contestants.set(name, contestant)
    const sample = await load.run({ ...order(contestants.get(product.predict)!, 1), seconds: 0.3 })
    const bare = await serveBare(Math.round(sample.bytes / Math.max(1, sample.latenciesMs.length)))
    servers.push(bare)
    contestants.set(floor, { served: bare, path: '/', bodiesPath: predictPath, recall: null })

    const results = await measure(contestants, load.run)
    const at1 = pooled(results.get(key(product.predict, 1)) ?? [])
    printReport(
      {
        ...head,
        data: `${data}, ${questions.vectors} vectors of ${questions.dimensions} dimensions; ${questions.count} questions about known items: half by key and attributes, a quarter by attributes with two unknown, a quarter by key; own history ignored`,
        warmUp: `${warmUpSeconds} s before each of the measured times`,
        repetitions: `${rounds} rounds of ${seconds} s for each server and number of connections, in turn; all servers run all the time; one other process sends`,
        sections: [
          { title: 'Latency seen by the client, over all rounds', rows: latencyRows(contestants, results) },
          { title: 'Ratios of the rounds: median (smallest to largest)', rows: ratioRows(results) },
          ...(values.smoke || values.models !== undefined
            ? []
            : [
                {
                  title: 'Promises',
                  rows: judge(
                    { 'predict p50 ms at 1 connection': round(at1.p50), 'predict p99 ms at 1 connection': round(at1.p99) },
                    { smoke: values.smoke },
                  ),
                },
              ]),
        ],
        notes: [
          `recall@${searchK} against exact search at ef ${searchEf}, of the same questions for both engines`,
          'predict encodes, searches, ranks, composes and estimates times; FastAPI is given ready vectors and answers keys and scores',
          'sender and servers share the processor: with more workers than idle cores throughput stands still',
          ...notes,
        ],
      },
      values,
    )
    if ([...results.values()].flat().some(({ failures }) => Object.keys(failures).length > 0)) process.exitCode = 1
  } finally {
    await load.stop()
    for (const served of servers) await served.stop()
  }
})

async function version(workspace: Workspace): Promise<{ place: { models: string; database: string }; data: string }> {
  if (values.models !== undefined && values.database !== undefined)
    return { place: { models: values.models, database: values.database }, data: `the active version of ${values.models}` }
  say(`sample plant and version of ${items} items`)
  const { path } = await writeSamplePlant(workspace.folder, items)
  const { answer } = await trainOn(path, workspace, { activate: true, smoke: values.smoke })
  if (values.smoke) notes.push(smokeNote)
  return { place: workspace, data: `the product's own sample plant, seed 1: ${answer.items} items, ${answer.operations} operations` }
}

async function peers(workspace: Workspace, questions: Questions, servers: Served[]): Promise<Map<string, Contestant>> {
  say('peer: FastAPI + hnswlib')
  const fastapi = await prepareFastapi({ ...questions, folder: workspace.folder, ef: searchEf }, { make: !values.smoke })
  const contestants = new Map<string, Contestant>()
  if ('missing' in fastapi) {
    notes.push(`SKIPPED: FastAPI + hnswlib: ${fastapi.missing}`)
    return contestants
  }
  notes.push(`peer: ${fastapi.versions}, M ${questions.connectivity}, ef_construction ${questions.expansionAdd}, ef ${searchEf}, f32`)
  let recall: number | null = null
  for (const [workers, name] of [peer.one, peer.two].entries()) {
    const served = await fastapi.serve(name, workers + 1)
    servers.push(served)
    recall ??= await questions.recallOf(async (query) => {
      const body = JSON.stringify({ query, k: searchK })
      const answer = await fetch(`${served.origin}/search`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return ((await answer.json()) as { keys: number[] }).keys
    })
    contestants.set(name, { served, path: '/search', bodiesPath: questions.peerPath, recall })
  }
  return contestants
}

async function serveBare(bytes: number): Promise<Served> {
  const port = await freePort()
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'peers', 'bare-serve.ts'), String(port), String(bytes)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = tail(child.stdout)
  const err = tail(child.stderr)
  while (!out().includes('ready')) {
    if (child.exitCode !== null) throw new Error(`the bare server ended: ${err()}`)
    await Bun.sleep(5)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await child.exited
  }
  return { name: floor, origin: `http://127.0.0.1:${port}`, headers: {}, stop }
}

function order({ served, path, bodiesPath }: Contestant, connections: number) {
  return { origin: served.origin, headers: served.headers, path, bodiesPath, connections, first: 0, warmUpSeconds, seconds }
}

function key(name: string, connections: number): string {
  return `${name} × ${connections}`
}

async function measure(contestants: Map<string, Contestant>, run: ReturnType<typeof startLoadGenerator>['run']) {
  const results = new Map<string, LoadResult[]>()
  // each goes on where it ended, so that no question comes again before all have been asked
  const next = new Map<string, number>()
  for (let at = 0; at < rounds; at++) {
    for (const connections of connectionCounts) {
      for (const [name, contestant] of contestants) {
        say(`round ${at + 1} of ${rounds}: ${name}, ${connections} connection(s)`)
        const result = await run({ ...order(contestant, connections), first: next.get(name) ?? 0 })
        next.set(name, result.next)
        results.set(key(name, connections), [...(results.get(key(name, connections)) ?? []), result])
      }
    }
  }
  return results
}

function pooled(results: LoadResult[]) {
  return spread(results.flatMap(({ latenciesMs }) => [...latenciesMs]))
}

function latencyRows(contestants: Map<string, Contestant>, results: Map<string, LoadResult[]>): Row[] {
  return connectionCounts.flatMap((connections) =>
    [...contestants].map(([name, { recall }]) => {
      const of = results.get(key(name, connections)) ?? []
      const answers = of.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0)
      const { p50, p95, p99, max } = pooled(of)
      const failures = of.flatMap((result) => Object.entries(result.failures)).map(([reason, count]) => `${count} ${reason}`)
      return {
        server: name,
        connections,
        answers,
        'answers/s': Math.round(answers / of.reduce((sum, result) => sum + result.seconds, 0)),
        'p50 ms': round(p50),
        'p95 ms': round(p95),
        'p99 ms': round(p99),
        'max ms': round(max),
        [`recall@${searchK}`]: recall === null ? null : round(recall),
        'KB an answer': round(of.reduce((sum, { bytes }) => sum + bytes, 0) / 1000 / Math.max(1, answers)),
        failures: failures.length === 0 ? '0' : failures.join('; '),
      }
    }),
  )
}

function ratioRows(results: Map<string, LoadResult[]>): Row[] {
  const p50 = ({ latenciesMs }: LoadResult) => spread(latenciesMs).p50
  const rate = ({ latenciesMs, seconds: measured }: LoadResult) => latenciesMs.length / measured
  const row = (name: string, by: string, connections: number, what: string, pick: (result: LoadResult) => number): Row[] => {
    const of = results.get(key(name, connections)) ?? []
    const against = results.get(key(by, connections)) ?? []
    if (of.length === 0 || against.length === 0) return []
    const ratios = of.map((result, at) => pick(result) / pick(against[at]))
    const range = `(${round(Math.min(...ratios))} to ${round(Math.max(...ratios))})`
    return [{ what, connections, ratio: round(median(ratios)), range, of: name, 'set against': by }]
  }
  return connectionCounts.flatMap((connections) => [
    ...row(product.predict, floor, connections, 'p50', p50),
    ...row(product.predict, peer.one, connections, 'p50', p50),
    ...row(product.similar, peer.one, connections, 'p50', p50),
    ...row(product.predict, peer.one, connections, 'answers/s', rate),
    ...row(product.similar, peer.one, connections, 'answers/s', rate),
    ...row(product.two, product.predict, connections, 'answers/s', rate),
    ...row(peer.two, peer.one, connections, 'answers/s', rate),
  ])
}
