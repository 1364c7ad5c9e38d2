/**
 * What does a whole answer cost over HTTP: 50 neighbours, up to 10 candidates of groups, candidates and times? p50, p99 at 1 and 16
 * connections and answers a second with 1 and 2 workers: every question new, every second one asked before, all asked before. In the
 * same rounds: FastAPI + uvicorn + hnswlib doing the search alone (and the product's own search alone), and a bare `Bun.serve`
 * that has the same answers ready. At the end, where the time of a new answer goes, of the server's own log.
 *
 *     bun bench/end-to-end.ts [--items 325000 | --models DIR --database FILE] [--rounds 5] [--seconds 3] [--json] [--smoke]
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Contestant, contest, failed, key, latencyRows, order, p50, pooled, type Results, rate, ratioRow } from './measure/contest'
import { type Kinds, mixBodies } from './measure/hit-rate'
import { startLoadGenerator } from './measure/load'
import { type Place, type Served, serveProduct } from './measure/program'
import { makeQuestions, type Questions, searchEf } from './measure/questions'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, smokeNote, trainOn, type Workspace, writeSamplePlant } from './measure/sample-plant'
import { stageRows } from './measure/stages'
import { wholeNumbers } from './measure/values'
import { serveBare } from './peers/bare'
import { prepareFastapi } from './peers/fastapi-hnswlib'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '325000' },
    models: { type: 'string' },
    database: { type: 'string' },
    rounds: { type: 'string', default: '5' },
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
const questionsMax = values.smoke ? 200 : 20_000
/** Answers that are asked for again and again: they fit the cache, with room for the new ones between them. */
const hotAnswers = values.smoke ? 10 : 100
const k = 50
const asked = { topK: k, groupExpansion: 10 }
const connectionCounts = [1, 16]
const head = beginReport('end-to-end', 'What does a whole answer cost over HTTP?')
const notes: string[] = []

const names = {
  misses: 'predict, all new, 1 worker',
  missesTwo: 'predict, all new, 2 workers',
  half: 'predict, half asked before, 1 worker',
  halfTwo: 'predict, half asked before, 2 workers',
  hits: 'predict, all asked before, 1 worker',
  hitsTwo: 'predict, all asked before, 2 workers',
  search: 'search alone, 1 worker',
  searchTwo: 'search alone, 2 workers',
  peer: 'FastAPI + hnswlib, search alone, 1 worker',
  peerTwo: 'FastAPI + hnswlib, search alone, 2 workers',
  bare: 'bare Bun.serve, the same answers',
  bareText: 'bare Bun.serve, one text of that length',
}

await inWorkspace('end-to-end', async (workspace) => {
  const { place, data } = await version(workspace)
  const servers: Served[] = []
  const load = startLoadGenerator()
  try {
    const one = await serveProduct('routewright', place)
    servers.push(one)
    const form = await fetch(`${one.origin}/api/v1/form`, { headers: one.headers })
    if (form.status !== 200) throw new Error(`the server answers ${form.status}: ${await form.text()}`)
    const { version: active } = (await form.json()) as { version: string }
    say('questions')
    const questions = await makeQuestions(workspace.folder, join(place.models, active), questionsMax)
    const bodies = mixBodies(workspace.folder, questions, { hot: hotAnswers, asked, k })
    const contestants = product(one, bodies, { misses: names.misses, half: names.half, hits: names.hits, search: names.search })
    if (process.platform === 'linux') {
      const two = await serveProduct('routewright, 2 workers', place, { workers: 2 })
      servers.push(two)
      const named = { misses: names.missesTwo, half: names.halfTwo, hits: names.hitsTwo, search: names.searchTwo }
      for (const [name, contestant] of product(two, bodies, named)) contestants.set(name, contestant)
    } else notes.push('skipped: 2 workers share a port on Linux only')
    for (const [name, contestant] of await peers(workspace, questions, bodies, servers)) contestants.set(name, contestant)
    for (const [name, contestant] of await floors(workspace, one, bodies, servers)) contestants.set(name, contestant)
    say('every server is asked for a while first')
    for (const contestant of contestants.values())
      for (const connections of connectionCounts)
        await load.run(order(contestant, { connections, warmUpSeconds: 0, seconds: values.smoke ? 0.1 : 3 }))
    const results = await contest({ contestants, run: load.run, connectionCounts, rounds, warmUpSeconds, seconds })
    const at1 = pooled(results.get(key(names.misses, 1)) ?? [])
    // the last lines are on their way to the disk
    await Bun.sleep(1_500)
    printReport(
      {
        ...head,
        data: `${data}, ${questions.vectors} vectors of ${questions.dimensions} dimensions; ${questions.count} questions about known items, own history ignored, topK ${k}, groupExpansion ${asked.groupExpansion}, candidates as configured`,
        warmUp: `every server ${values.smoke ? 0.1 : 3} s at each number of connections, and ${warmUpSeconds} s before each of the measured times`,
        repetitions: `${rounds} rounds of ${seconds} s for each server and number of connections, in turn; all servers run all the time; one other process sends`,
        sections: [
          {
            title: 'Latency seen by the client, over all rounds',
            rows: latencyRows(contestants, results, { connectionCounts, recallName: null }),
          },
          { title: 'Ratios of the rounds: median (smallest to largest)', rows: ratioRows(results) },
          {
            title: 'Where the time of a new answer goes at 1 connection (of the access log: means of the calls of 1 worker)',
            rows: stageRows(join(dirname(place.database), 'logs'), { clientP50Ms: at1.p50 }),
          },
        ],
        notes: [
          `ef ${searchEf} for the product and for hnswlib; FastAPI is given ready vectors by number and answers keys and scores, the product's search alone is given base64`,
          `half asked before: every second request is one of ${hotAnswers} that come again and again`,
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

async function version(workspace: Workspace): Promise<{ place: Place; data: string }> {
  if (values.models !== undefined && values.database !== undefined)
    return { place: { models: values.models, database: values.database }, data: `the active version of ${values.models}` }
  say(`sample plant and version of ${items} items`)
  const { path } = await writeSamplePlant(workspace.folder, items)
  const { answer } = await trainOn(path, workspace, { activate: true, smoke: values.smoke })
  if (values.smoke) notes.push(smokeNote)
  return { place: workspace, data: `the product's own sample plant, seed 1: ${answer.items} items, ${answer.operations} operations` }
}

function product(served: Served, bodies: Kinds, named: { misses: string; half: string; hits: string; search: string }) {
  const predict = (bodiesPath: string): Contestant => ({ served, path: '/api/v1/predict', bodiesPath })
  return new Map<string, Contestant>([
    [named.misses, predict(bodies.newPath)],
    [named.half, predict(bodies.halfPath)],
    [named.hits, predict(bodies.hotPath)],
    [named.search, { served, path: '/api/v1/search', bodiesPath: bodies.searchPath }],
  ])
}

async function peers(workspace: Workspace, questions: Questions, bodies: Kinds, servers: Served[]) {
  say('peer: FastAPI + hnswlib')
  const contestants = new Map<string, Contestant>()
  const fastapi = await prepareFastapi({ ...questions, folder: workspace.folder, ef: searchEf }, { make: !values.smoke })
  if ('missing' in fastapi) {
    notes.push(`SKIPPED: FastAPI + hnswlib: ${fastapi.missing}`)
    return contestants
  }
  notes.push(`peer: ${fastapi.versions}, M ${questions.connectivity}, ef_construction ${questions.expansionAdd}, ef ${searchEf}, f32`)
  for (const [at, name] of [names.peer, names.peerTwo].entries()) {
    const served = await fastapi.serve(name, at + 1)
    servers.push(served)
    contestants.set(name, { served, path: '/search', bodiesPath: bodies.peerPath })
  }
  return contestants
}

/** The hot answers as they are, and a text of their mean length. */
async function floors(workspace: Workspace, one: Served, { hotPath }: Kinds, servers: Served[]) {
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
  const same = await serveBare(names.bare, answersPath)
  const text = await serveBare(names.bareText, mean)
  servers.push(same, text)
  return new Map<string, Contestant>([
    [names.bare, { served: same, path: '/', bodiesPath: hotPath }],
    [names.bareText, { served: text, path: '/', bodiesPath: hotPath }],
  ])
}

function ratioRows(results: Results): Row[] {
  return connectionCounts.flatMap((connections) => [
    ...ratioRow(results, { of: names.peer, by: names.search, connections, what: 'p50', pick: p50 }),
    ...ratioRow(results, { of: names.search, by: names.peer, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.searchTwo, by: names.peerTwo, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.misses, by: names.peer, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.half, by: names.peer, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.half, by: names.misses, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.hits, by: names.peer, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.hits, by: names.bare, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.hits, by: names.bareText, connections, what: 'answers/s', pick: rate }),
    ...ratioRow(results, { of: names.missesTwo, by: names.misses, connections, what: 'answers/s', pick: rate }),
  ])
}
