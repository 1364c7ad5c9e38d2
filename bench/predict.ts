/**
 * How fast are predictions over HTTP, and what does the rest of the answer cost beside the search? p50, p95, p99 at 1 and 16
 * connections and requests a second with 1 and 2 workers, no question twice in a pass over the questions. In the same rounds:
 * a bare `Bun.serve` that answers as many bytes (the floor), and FastAPI + uvicorn + hnswlib searching for the same ten nearest.
 *
 *     bun bench/predict.ts [--items 20000 | --models DIR --database FILE] [--rounds 3] [--seconds 3] [--json] [--smoke]
 */
import { judge } from './measure/budgets'
import { type Contestant, failed, key, latencyRows, order, p50, pooled, type Ratio, type Results, rate, ratioRow } from './measure/contest'
import { searchEf } from './measure/questions'
import { beginReport, printReport, type Row, say } from './measure/report'
import { benchService, readOptions, repetitions, type ServiceBench, sharedProcessor } from './measure/service'
import { round } from './measure/values'
import { serveBare } from './peers/bare'
import { prepareFastapi } from './peers/fastapi-hnswlib'

const options = readOptions({ items: '20000', rounds: '3' })
const { values, warmUpSeconds } = options
const wanted = values.smoke ? 200 : 5_000
const k = 10
const connectionCounts = [1, 16]
const head = beginReport('predict', 'How fast are predictions over HTTP?')

const product = { predict: 'predict, 1 worker', two: 'predict, 2 workers', similar: 'similar, 1 worker' }
const peer = { one: 'FastAPI + hnswlib, 1 worker', two: 'FastAPI + hnswlib, 2 workers' }
const floor = 'bare Bun.serve, same bytes'

await benchService('predict', options, { wanted, k }, async (bench) => {
  const { questions, one, two, servers, load } = bench
  const { predictPath, similarPath, recall } = questions
  const contestants = new Map<string, Contestant>([
    [product.predict, { served: one, path: '/api/v1/predict', bodiesPath: predictPath, recall }],
    [product.similar, { served: one, path: '/api/v1/similar', bodiesPath: similarPath, recall }],
  ])
  if (two !== null) contestants.set(product.two, { served: two, path: '/api/v1/predict', bodiesPath: predictPath, recall })
  for (const [name, contestant] of await peers(bench)) contestants.set(name, contestant)
  const sample = await load.run(order(contestants.get(product.predict)!, { connections: 1, warmUpSeconds, seconds: 0.3 }))
  const bare = await serveBare(floor, Math.round(sample.bytes / Math.max(1, sample.latenciesMs.length)))
  servers.push(bare)
  contestants.set(floor, { served: bare, path: '/', bodiesPath: predictPath, recall: null })

  const results = await bench.contest({ contestants, connectionCounts })
  const at1 = pooled(results.get(key(product.predict, 1)) ?? [])
  printReport(
    {
      ...head,
      data: `${bench.data}; ${questions.count} questions about known items: half by key and attributes, a quarter by attributes with two unknown, a quarter by key; own history ignored`,
      warmUp: `${warmUpSeconds} s before each of the measured times`,
      repetitions: repetitions(options),
      sections: [
        {
          title: 'Latency seen by the client, over all rounds',
          rows: latencyRows(contestants, results, { connectionCounts, recallName: `recall@${k}` }),
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
        `recall@${k} against exact search, of the same questions; the product searches with ef ${searchEf}, the peer with the smallest ef that finds as much`,
        'predict encodes, searches, ranks, composes and estimates times; FastAPI is given the vector as a list of numbers and answers keys, scores and items',
        sharedProcessor,
        ...bench.notes,
      ],
    },
    values,
  )
  if (failed(results)) process.exitCode = 1
})

async function peers({ workspace, questions, servers, notes }: ServiceBench): Promise<[string, Contestant][]> {
  say('peer: FastAPI + hnswlib')
  const fastapi = await prepareFastapi(questions, { folder: workspace.folder, make: !values.smoke })
  if ('missing' in fastapi) {
    notes.push(`SKIPPED: FastAPI + hnswlib: ${fastapi.missing}`)
    return []
  }
  notes.push(`peer: ${fastapi.words}`)
  const contestants: [string, Contestant][] = []
  for (const [workers, name] of [peer.one, peer.two].entries()) {
    const served = await fastapi.serve(name, workers + 1)
    servers.push(served)
    contestants.push([name, { served, path: '/search', bodiesPath: questions.listPath, recall: fastapi.recall }])
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
