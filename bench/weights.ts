/**
 * What does a moved weight do, over HTTP? Whether the ranking follows (rank correlation between an attribute at 0 and at 4), whether the
 * nearest are still found (recall against exact search under the same weights, of equals any counts), what it costs beside unmoved
 * weights in the same rounds, and that nothing is rebuilt (version, epoch and files stay, the next unmoved answer is the old one).
 *
 *     bun bench/weights.ts [--items 20000 | --models DIR --database FILE] [--questions 40] [--json] [--smoke]
 */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MANIFEST_NAME, parseManifest } from '../server/artifacts/manifest-text'
import type { Attributes, Similar } from '../server/contract/predict'
import { sampleRows, seededRandom } from '../server/domain/random'
import { getItem } from '../server/pipeline/items'
import { type Model, modelFiles, openModel, retireModel } from '../server/pipeline/model'
import { resolveQuery } from '../server/pipeline/query'
import { similaritiesOf, weightFactors } from '../server/pipeline/search'
import { judge } from './measure/budgets'
import { serveProduct } from './measure/program'
import { median, spread } from './measure/quantiles'
import { spearman } from './measure/rank-correlation'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, smokeNote, trainOn, type Workspace, writeSamplePlant } from './measure/sample-plant'
import { type Setting, settingsOf, type Weights } from './measure/slider-settings'
import { finiteRatio, round, wholeNumbers } from './measure/values'

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '20000' },
    models: { type: 'string' },
    database: { type: 'string' },
    questions: { type: 'string', default: '40' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
if ((values.models === undefined) !== (values.database === undefined)) throw new Error('--models and --database go together')
const [items] = values.smoke ? [1_000] : wholeNumbers('items', values.items)
const [questionsMax] = values.smoke ? [5] : wholeNumbers('questions', values.questions)
/** Equal within the rounding of f32 sums: as near as the last is as good. */
const TOLERANCE = 1e-5
/** As many items of one vector have a say. */
const TWINS_MAX = 12

interface Asked {
  attributes: Attributes
  known: Set<string>
}
/** What is collected of one setting over the questions. */
interface Tally {
  at10: number[]
  at50: number[]
  similarMs: number[]
  predictMs: number[]
  empty: number
}

const head = beginReport('weights', 'What does a moved weight do, over HTTP?')
await inWorkspace('weights', async (workspace) => {
  const { place, data } = await version(workspace)
  const served = await serveProduct('routewright', place)
  try {
    const post = async <T>(path: string, body: object): Promise<{ answer: T; ms: number }> => {
      const started = performance.now()
      const response = await fetch(`${served.origin}/api/v1/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...served.headers },
        body: JSON.stringify(body),
      })
      const answer = await response.json()
      if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${JSON.stringify(answer)}`)
      return { answer: answer as T, ms: performance.now() - started }
    }
    const form = (await (await fetch(`${served.origin}/api/v1/form`, { headers: served.headers })).json()) as { version: string }
    const directory = join(place.models, form.version)
    const files = () => [modelFiles.index, modelFiles.vectors].map((name) => statSync(join(directory, name)).mtimeMs).join(' ')
    const before = files()
    const model = await openModel(directory, parseManifest(readFileSync(join(directory, MANIFEST_NAME), 'utf8')), { epoch: 0 })
    const asked = questionsOf(model)
    const settings = settingsOf(model)
    for (const { attributes } of asked.slice(0, 20)) for (const path of ['similar', 'predict']) await post(path, { attributes })

    const tallies = new Map<Setting, Tally>(
      settings.map((setting) => [setting, { at10: [], at50: [], similarMs: [], predictMs: [], empty: 0 }]),
    )
    const correlations = new Map<string, { rho: number[]; kept: number[] }>()
    const versions = new Set<string>()
    const answers: { attributes: Attributes; setting: Setting; near10: string[]; near50: string[] }[] = []
    let back = 0
    let zeroShares = 0
    for (const [at, { attributes, known }] of asked.entries()) {
      say(`question ${at + 1} of ${asked.length}, ${settings.length} settings`)
      const first = await post<Similar>('similar', { attributes, topK: 50 })
      const rankings = new Map<Setting, string[]>()
      for (const setting of settings) {
        if (setting.about && !setting.about.some((name) => known.has(name))) continue
        const body = { attributes, ...(setting.weights && { weights: setting.weights }) }
        const tally = tallies.get(setting)!
        const [ten, fifty, predicted] = [
          await post<Similar>('similar', { ...body, topK: 10 }),
          await post<Similar>('similar', { ...body, topK: 50 }),
          await post<{ version: string; epoch: number }>('predict', body),
        ]
        tally.similarMs.push(ten.ms)
        tally.predictMs.push(predicted.ms)
        for (const { answer } of [ten, fifty, predicted]) versions.add(`${answer.version}, epoch ${answer.epoch}`)
        if (fifty.answer.neighbours.length === 0) tally.empty++
        const [near10, near50] = [ten, fifty].map(({ answer }) => answer.neighbours.map(({ item }) => item))
        answers.push({ attributes, setting, near10, near50 })
        rankings.set(setting, near50)
        const zeroed = new Set(Object.entries(setting.weights ?? {}).flatMap(([name, factor]) => (factor === 0 ? [name] : [])))
        const reasons = fifty.answer.neighbours.flatMap((neighbour) => neighbour.reasons)
        zeroShares += reasons.filter(({ attribute, share }) => share > 0 && zeroed.has(attribute)).length
      }
      const last = await post<Similar>('similar', { attributes, topK: 50 })
      if (JSON.stringify(first.answer.neighbours) === JSON.stringify(last.answer.neighbours)) back++
      const rankingAt = (name: string, factor: number) =>
        rankings.get(settings.find(({ of, weights }) => of === name && weights?.[name] === factor)!)!
      for (const name of new Set(settings.flatMap(({ of }) => of ?? []))) {
        if (!known.has(name)) continue
        const [none, most] = [rankingAt(name, 0), rankingAt(name, 4)]
        const entry = correlations.get(name) ?? { rho: [], kept: [] }
        correlations.set(name, entry)
        const rho = spearman(none, most)
        if (!Number.isNaN(rho)) entry.rho.push(rho)
        entry.kept.push(none.slice(0, 10).filter((item) => most.slice(0, 10).includes(item)).length)
      }
    }
    say(`exact search for ${answers.length} answers`)
    // after all that is timed: reading every vector would empty the processor's caches in between
    for (const { attributes, setting, near10, near50 } of answers) {
      const exact = exactly(model, attributes, setting.weights)
      tallies.get(setting)!.at10.push(recallOf(model, exact, near10, 10))
      tallies.get(setting)!.at50.push(recallOf(model, exact, near50, 50))
    }
    const mean = (of: number[]) => of.reduce((sum, value) => sum + value, 0) / of.length
    const answered = settings.filter((setting) => tallies.get(setting)!.at10.length > 0)
    const recallRows = answered.map((setting): Row => {
      const { at10, at50, empty } = tallies.get(setting)!
      return {
        setting: setting.name,
        questions: at10.length,
        'recall@10': round(mean(at10)),
        'recall@50': round(mean(at50)),
        'worst question @10': round(Math.min(...at10)),
        'nothing in common': empty,
      }
    })
    const moved = settings.filter((setting) => setting.kind !== 'unmoved' && tallies.get(setting)!.at10.length > 0)
    const worst = Math.min(...moved.flatMap((setting) => [mean(tallies.get(setting)!.at10), mean(tallies.get(setting)!.at50)]))
    const isSame = versions.size === 1 && before === files()
    printReport(
      {
        ...head,
        data: `${data}; ${model.index.count} vectors; ${asked.length} questions, items as their attributes, every second with two unknown`,
        warmUp: '20 questions to each path',
        repetitions: `each question under ${settings.length} settings in turn, one connection`,
        sections: [
          {
            title: 'Does the ranking follow? The 50 nearest with the weight at 0 and at 4, questions that know it',
            rows: movedRows(model, correlations),
          },
          { title: 'Are the nearest found? Against exact search under the same weights', rows: recallRows },
          { title: 'Latency seen by the client, ms', rows: latencyRows(settings, tallies) },
          {
            title: 'Nothing is rebuilt',
            rows: [
              {
                'versions and epochs seen': [...versions].join('; '),
                'index and vectors': before === files() ? 'the same files, untouched' : 'CHANGED',
                'unmoved answer after all others': `the same for ${back} of ${asked.length}`,
                'shares above 0 of weights at 0': zeroShares,
              },
            ],
          },
          { title: 'Promises', rows: judge({ 'moved weights, worst mean recall': round(worst) }, { smoke: values.smoke }) },
        ],
        notes: values.smoke ? [smokeNote] : [],
      },
      values,
    )
    if (!isSame || back !== asked.length || zeroShares > 0) process.exitCode = 1
    retireModel(model)
  } finally {
    await served.stop()
  }
})

async function version(workspace: Workspace): Promise<{ place: { models: string; database: string }; data: string }> {
  if (values.models !== undefined && values.database !== undefined)
    return { place: { models: values.models, database: values.database }, data: `the active version of ${values.models}` }
  say(`sample plant and version of ${items} items`)
  const { path } = await writeSamplePlant(workspace.folder, items)
  const { answer } = await trainOn(path, workspace, { activate: true, smoke: values.smoke })
  return { place: workspace, data: `the product's own sample plant, seed 1: ${answer.items} items` }
}

function questionsOf(model: Model): Asked[] {
  const random = seededRandom(1)
  const rows = sampleRows(model.knowledge.items.count, Math.min(questionsMax, model.knowledge.items.count), random)
  return [...rows].map((row, at) => {
    const attributes: Attributes = { ...getItem(model, model.knowledge.items.key(row)).attributes }
    const names = Object.keys(attributes)
    if (at % 2 === 1) for (let blank = 0; blank < 2; blank++) attributes[names[Math.floor(random() * names.length)]] = null
    const query = resolveQuery(model, { attributes })
    return { attributes, known: new Set([...query.values].flatMap(([name, value]) => (value === null ? [] : [name]))) }
  })
}

/** Similarity of every vector to the question under the weights: the definition, over all. */
function exactly(model: Model, attributes: Attributes, weights: Weights | undefined): Float64Array {
  const keys = Uint32Array.from({ length: model.index.count }, (_, key) => key)
  return similaritiesOf(model, resolveQuery(model, { attributes }), keys, weightFactors(model, weights))
}

/** Share of the k nearest items that were answered. Items without anything in common under the weights are no neighbours. */
function recallOf(model: Model, exact: Float64Array, found: string[], k: number): number {
  const { items, vectors } = model.knowledge
  const order = Uint32Array.from(exact.keys())
    .filter((vector) => exact[vector] > TOLERANCE)
    .sort((a, b) => exact[b] - exact[a])
  let near = 0
  let limit = 0
  for (let at = 0; at < order.length && near < k; at++) {
    near += Math.min(TWINS_MAX, vectors.offsets[order[at] + 1] - vectors.offsets[order[at]])
    limit = exact[order[at]]
  }
  if (near === 0) return 1
  const right = found.slice(0, k).filter((item) => exact[items.vector[items.find(item)]] >= limit - TOLERANCE)
  return right.length / Math.min(near, k)
}

function movedRows(model: Model, correlations: Map<string, { rho: number[]; kept: number[] }>): Row[] {
  const weight = new Map(model.encoder.model.blocks.map((block) => [block.name, block.weight]))
  return [...correlations].map(([attribute, { rho, kept }]) => ({
    attribute,
    weight: round(weight.get(attribute)!),
    questions: kept.length,
    "Spearman's rho, median": round(median(rho)),
    smallest: round(Math.min(...rho)),
    'rankings that moved': rho.filter((value) => value < 1 - 1e-9).length,
    'of the ten nearest stay, median': median(kept),
  }))
}

function latencyRows(settings: Setting[], tallies: Map<Setting, Tally>): Row[] {
  const of = (kind: string, which: 'similarMs' | 'predictMs') =>
    spread(settings.filter((setting) => setting.kind === kind).flatMap((setting) => tallies.get(setting)![which]))
  const kinds = [...new Set(settings.map(({ kind }) => kind))]
  return (['similarMs', 'predictMs'] as const).flatMap((which) => {
    const unmoved = of('unmoved', which).p50
    return kinds.map((kind) => {
      const { p50, p95, p99 } = of(kind, which)
      return {
        path: which === 'similarMs' ? 'similar' : 'predict',
        weights: kind,
        p50: round(p50),
        p95: round(p95),
        p99: round(p99),
        'p50 ÷ unmoved': finiteRatio(p50, unmoved),
      }
    })
  })
}
