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
import {
  type Contestant,
  contest,
  failed,
  key,
  latencyRows,
  order,
  p50,
  pooled,
  type Ratio,
  type Results,
  rate,
  ratioRow,
} from './measure/contest'
import { startLoadGenerator } from './measure/load'
import { type Served, serveProduct } from './measure/program'
import { makeQuestions, type Questions, searchEf, searchK } from './measure/questions'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, smokeNote, trainOn, type Workspace, writeSamplePlant } from './measure/sample-plant'
import { round, wholeNumbers } from './measure/values'
import { serveBare } from './peers/bare'
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
    const sample = await load.run(order(contestants.get(product.predict)!, { connections: 1, warmUpSeconds, seconds: 0.3 }))
    const bare = await serveBare(floor, Math.round(sample.bytes / Math.max(1, sample.latenciesMs.length)))
    servers.push(bare)
    contestants.set(floor, { served: bare, path: '/', bodiesPath: predictPath, recall: null })

    const results = await contest({ contestants, run: load.run, connectionCounts, rounds, warmUpSeconds, seconds })
    const at1 = pooled(results.get(key(product.predict, 1)) ?? [])
    printReport(
      {
        ...head,
        data: `${data}, ${questions.vectors} vectors of ${questions.dimensions} dimensions; ${questions.count} questions about known items: half by key and attributes, a quarter by attributes with two unknown, a quarter by key; own history ignored`,
        warmUp: `${warmUpSeconds} s before each of the measured times`,
        repetitions: `${rounds} rounds of ${seconds} s for each server and number of connections, in turn; all servers run all the time; one other process sends`,
        sections: [
          {
            title: 'Latency seen by the client, over all rounds',
            rows: latencyRows(contestants, results, { connectionCounts, recallName: `recall@${searchK}` }),
          },
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
    if (failed(results)) process.exitCode = 1
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

function ratioRows(results: Results): Row[] {
  const row = (of: string, by: string, connections: number, what: string, pick: Ratio['pick']) =>
    ratioRow(results, { of, by, connections, what, pick })
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
