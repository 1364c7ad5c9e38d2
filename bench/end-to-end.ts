/**
 * What does a whole answer cost over HTTP: 50 neighbours, up to 10 candidates of groups, candidates and times? p50, p99 at 1 and 16
 * connections and answers a second with 1 and 2 workers: every question new, every second one asked before, all asked before. In the
 * same rounds: the product's search alone beside FastAPI + uvicorn + hnswlib that is sent the same bodies and finds as much, and a bare
 * `Bun.serve` that has the same answers ready. At the end, where the time of a new answer goes, of the server's own log.
 *
 *     bun bench/end-to-end.ts [--items 325000 | --models DIR --database FILE] [--rounds 5] [--seconds 3] [--json] [--smoke]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Contestant,
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
  work,
} from './measure/contest'
import { type Kinds, mixBodies } from './measure/hit-rate'
import type { Served } from './measure/program'
import { type Questions, searchEf } from './measure/questions'
import { beginReport, printReport, type Row, say } from './measure/report'
import { benchService, readOptions, repetitions, type ServiceBench, sharedProcessor } from './measure/service'
import { stageRows } from './measure/stages'
import { serveBare } from './peers/bare'
import { prepareFastapi } from './peers/fastapi-hnswlib'

const options = readOptions({ items: '325000', rounds: '5' })
const { smoke } = options.values
const wanted = smoke ? 200 : 20_000
/** Answers that are asked for again and again: they fit the cache, with room for the new ones between them. */
const hotAnswers = smoke ? 10 : 100
const firstSeconds = smoke ? 0.1 : 3
const k = 50
const asked = { topK: k, groupExpansion: 10 }
const connectionCounts = [1, 16]
const head = beginReport('end-to-end', 'What does a whole answer cost over HTTP?')

const workers = (count: 1 | 2) => (count === 1 ? '1 worker' : '2 workers')
const product = (count: 1 | 2) => ({
  misses: `predict, all new, ${workers(count)}`,
  half: `predict, half asked before, ${workers(count)}`,
  hits: `predict, all asked before, ${workers(count)}`,
  list: `search, list, ${workers(count)}`,
  base64: `search, base64, ${workers(count)}`,
})
const fastapi = (count: 1 | 2) => ({
  list: `FastAPI + hnswlib, list, ${workers(count)}`,
  base64: `FastAPI + hnswlib, base64, ${workers(count)}`,
})
const bare = { same: 'bare Bun.serve, the same answers', text: 'bare Bun.serve, one text of that length' }

await benchService('end-to-end', options, { wanted, k }, async (bench) => {
  const { questions, one, two, load, notes, logs } = bench
  const bodies = mixBodies(bench.workspace.folder, questions, { hot: hotAnswers, asked })
  const contestants = new Map<string, Contestant>([
    ...ofProduct(1, one, bodies, questions),
    ...(two === null ? [] : ofProduct(2, two, bodies, questions)),
    ...(await peers(bench)),
    ...(await floors(bench, bodies)),
  ])
  say('every server is asked for a while first')
  for (const contestant of contestants.values())
    for (const connections of connectionCounts) await load.run(order(contestant, { connections, warmUpSeconds: 0, seconds: firstSeconds }))
  const results = await bench.contest({ contestants, connectionCounts })
  const at1 = pooled(results.get(key(product(1).misses, 1)) ?? [])
  // the last lines are on their way to the disk
  await Bun.sleep(1_500)
  printReport(
    {
      ...head,
      data: `${bench.data}; ${questions.count} questions about known items, own history ignored, topK ${k}, groupExpansion ${asked.groupExpansion}, candidates as configured`,
      warmUp: `every server ${firstSeconds} s at each number of connections, and ${options.warmUpSeconds} s before each of the measured times`,
      repetitions: repetitions(options),
      sections: [
        {
          title: 'Latency seen by the client, over all rounds',
          rows: latencyRows(contestants, results, { connectionCounts, recallName: `recall@${k}` }),
        },
        { title: 'Ratios of the rounds: median (smallest to largest)', rows: ratioRows(results) },
        {
          title: 'Where the time of a new answer goes at 1 connection (of the access log: means of the calls of 1 worker)',
          rows: stageRows(logs, { clientP50Ms: at1.p50 }),
        },
      ],
      notes: [
        `the product searches with ef ${searchEf}, as configured; both are sent the same bodies and a key, and answer keys, scores, items, their counts and where it comes from`,
        'FastAPI compares its key in memory and writes no log; the product reads its key from the database, counts and logs each request',
        `half asked before: every second request is one of ${hotAnswers} that come again and again`,
        sharedProcessor,
        ...notes,
      ],
    },
    options.values,
  )
  if (failed(results)) process.exitCode = 1
})

function ofProduct(count: 1 | 2, served: Served, bodies: Kinds, { listPath, base64Path, recall }: Questions): [string, Contestant][] {
  const names = product(count)
  const predict = (bodiesPath: string): Contestant => ({ served, path: '/api/v1/predict', bodiesPath })
  const search = (bodiesPath: string): Contestant => ({ served, path: '/api/v1/search', bodiesPath, recall })
  return [
    [names.misses, predict(bodies.newPath)],
    [names.half, predict(bodies.halfPath)],
    [names.hits, predict(bodies.hotPath)],
    [names.list, search(listPath)],
    [names.base64, search(base64Path)],
  ]
}

async function peers({ workspace, questions, servers, notes }: ServiceBench): Promise<[string, Contestant][]> {
  say('peer: FastAPI + hnswlib')
  const peer = await prepareFastapi(questions, { folder: workspace.folder, make: !smoke })
  if ('missing' in peer) {
    notes.push(`SKIPPED: FastAPI + hnswlib: ${peer.missing}`)
    return []
  }
  notes.push(`peer: ${peer.words}`)
  const contestants: [string, Contestant][] = []
  for (const count of [1, 2] as const) {
    const names = fastapi(count)
    const served = await peer.serve(names.list, count)
    servers.push(served)
    contestants.push([names.list, { served, path: '/search', bodiesPath: questions.listPath, recall: peer.recall }])
    contestants.push([names.base64, { served, path: '/search/base64', bodiesPath: questions.base64Path, recall: peer.recall }])
  }
  return contestants
}

/** The hot answers as they are, and a text of their mean length. */
async function floors({ workspace, one, servers }: ServiceBench, { hotPath }: Kinds): Promise<[string, Contestant][]> {
  const answers: string[] = []
  for (const body of readFileSync(hotPath, 'utf8').trim().split('\n')) {
    const headers = { 'content-type': 'application/json', ...one.headers }
    const answer = await fetch(`${one.origin}/api/v1/predict`, { method: 'POST', headers, body })
    if (!answer.ok) throw new Error(`the server answers ${answer.status}`)
    answers.push(await answer.text())
  }
  const answersPath = join(workspace.folder, 'answers.ndjson')
  writeFileSync(answersPath, `${answers.join('\n')}\n`)
  const mean = Math.round(answers.reduce((sum, answer) => sum + Buffer.byteLength(answer), 0) / answers.length)
  const same = await serveBare(bare.same, answersPath)
  const text = await serveBare(bare.text, mean)
  servers.push(same, text)
  return [
    [bare.same, { served: same, path: '/', bodiesPath: hotPath }],
    [bare.text, { served: text, path: '/', bodiesPath: hotPath }],
  ]
}

function ratioRows(results: Results): Row[] {
  const [single, double] = [product(1), product(2)]
  const [peer, peerTwo] = [fastapi(1), fastapi(2)]
  return connectionCounts.flatMap((connections) => {
    const ratio = (of: string, by: string, what: string, pick: Ratio['pick']) => ratioRow(results, { of, by, connections, what, pick })
    const faster = (of: string, by: string) => ratio(of, by, 'answers/s', rate)
    const lighter = (of: string, by: string) => ratio(by, of, 'server µs', work)
    return [
      ...(['list', 'base64'] as const).flatMap((form) => [
        ...ratio(peer[form], single[form], 'p50', p50),
        ...faster(single[form], peer[form]),
        ...lighter(single[form], peer[form]),
        ...faster(double[form], peerTwo[form]),
      ]),
      ...faster(single.base64, peer.list),
      ...lighter(single.base64, peer.list),
      ...faster(single.hits, bare.same),
      ...lighter(single.hits, bare.same),
      ...faster(single.hits, bare.text),
      ...faster(single.half, single.misses),
      ...faster(double.misses, single.misses),
    ]
  })
}
