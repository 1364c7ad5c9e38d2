/**
 * Are the reasons the reasons? Items that training never saw are asked; where the answer names neighbours on whom it rests, it is
 * asked again without them: another first candidate must come (share of at least .95). And the other way round: without as many
 * neighbours that it does not name the answer should stand, and so it should without any of them where it names none.
 *
 *     bun bench/faithfulness.ts [--data ../shared/data] [--items 4000] [--asked 400] [--seed 1] [--json] [--smoke]
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { limits } from '../server/contract/limits'
import { MANIFEST_SCHEMA } from '../server/contract/manifest'
import type { Attributes, Prediction } from '../server/contract/predict'
import { sampleRows, seededRandom } from '../server/domain/random'
import { asWritten } from '../server/domain/written-units'
import { holdOut } from '../server/pipeline/evaluate/evaluate'
import { attributesOf, harden } from '../server/pipeline/evaluate/question'
import { makeFolds } from '../server/pipeline/evaluate/splits'
import { extract } from '../server/pipeline/extract'
import { loadMapping } from '../server/pipeline/mapping-file'
import { type Model, openModel, retireModel } from '../server/pipeline/model'
import { predict } from '../server/pipeline/predict'
import { buildVersion } from '../server/pipeline/train/build-version'
import { readTrainerConfig } from '../server/pipeline/trainer-config'
import { openSource } from '../server/source/open'
import { judge } from './measure/budgets'
import { median } from './measure/quantiles'
import { beginReport, printReport, type Row, say } from './measure/report'
import { inWorkspace, smokeNote, writeSamplePlant } from './measure/sample-plant'
import { round, wholeNumbers } from './measure/values'
import { dataFolder, mappingFolder, sourceOf } from './quality/mapping-sources'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: dataFolder },
    items: { type: 'string', default: '4000' },
    asked: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
const smoke = values.smoke
const [items] = smoke ? [400] : wholeNumbers('items', values.items)
const [askedMax] = smoke ? [40] : wholeNumbers('asked', values.asked)
const [seed] = wholeNumbers('seed', values.seed)
const data = resolve(values.data)

interface PlantToAsk {
  name: string
  source: string
  mapping: string
}

/** What became of the answers; shares are of `rests` or of the cases that could be asked. */
interface Tally {
  cases: number
  operations: number
  resources: number
  changed: number
  others: number
  othersStand: number
  unnamed: number
  unnamedStand: number
}

const head = beginReport('faithfulness', 'Are the neighbours that an answer names those on whom it rests?')
const notes = smoke ? [smokeNote] : []
const rows: Row[] = []
let rests = 0
let changed = 0
await inWorkspace('faithfulness', async ({ folder }) => {
  const { path } = await writeSamplePlant(folder, items)
  const plants: PlantToAsk[] = [{ name: `sample ${items}`, source: path, mapping: join(path, 'mapping.json') }]
  for (const name of ['capp', 'adventureworks']) {
    const source = join(data, sourceOf[name][0])
    if (existsSync(source)) plants.push({ name, source, mapping: join(mappingFolder, `${name}.json`) })
    else notes.push(`SKIPPED ${name}: no data at ${relative('.', source)}`)
  }
  for (const plant of smoke ? plants.slice(0, 1) : plants) await measure(plant, join(folder, `version of ${plant.name}`))
})
printReport(
  {
    ...head,
    data: `a sample plant of ${items} items and folders of ${relative('.', data)}; a fifth of the items held out of training, at most ${askedMax} of them asked`,
    warmUp: 'none: what is counted does not depend on speed',
    repetitions: `1, seed ${seed}`,
    sections: [
      { title: 'Answers and what became of them', rows },
      { title: 'Promises', rows: rests === 0 ? [] : judge({ 'faithful reasons': round(changed / rests) }, { smoke }) },
    ].filter((section) => section.rows.length > 0),
    notes,
  },
  values,
)

async function measure({ name, source, mapping: mappingPath }: PlantToAsk, directory: string): Promise<void> {
  say(`${name}: training …`)
  const mapping = await loadMapping(mappingPath)
  const opened = await openSource(source)
  const { plant } = await extract(opened, mapping).finally(() => opened.close())
  const [held] = makeFolds(plant, null, 5, seed)
  const { train, test } = holdOut(plant, held)
  mkdirSync(directory, { recursive: true })
  const startedAt = new Date(0).toISOString()
  const config = readTrainerConfig()
  const heldOut = { itemsMax: smoke ? 50 : 400, foldsBelow: 0 }
  const { body } = await buildVersion({
    plant: train,
    mapping,
    mappingSha256: '0'.repeat(64),
    config: { ...config, heldOut },
    directory,
    startedAt,
  })
  const manifest = { schema: MANIFEST_SCHEMA, version: '0000.00.00_bench', createdAt: startedAt, files: {}, ...body } as const
  const model = await openModel(directory, manifest, { epoch: 0 })
  const random = seededRandom(seed)
  const asked = sampleRows(held.length, askedMax, random).map((at) => held[at])
  for (const blank of [0, 0.5]) {
    say(`${name}: asking ${asked.length} items, ${100 * blank} % of the attributes left out …`)
    const questions = [...asked].map((item) =>
      asWritten(test.items.features, harden(attributesOf(test, item), { blank, unseen: false }, random)),
    )
    const { tally, ms } = askAll(model, questions)
    const named = tally.operations + tally.resources
    rests += named
    changed += tally.changed
    rows.push({
      plant: name,
      'left out': `${100 * blank} %`,
      cases: tally.cases,
      'rest on neighbours': round(named / tally.cases),
      '… for operations': tally.operations,
      '… for resources': tally.resources,
      'without them another': named === 0 ? null : round(tally.changed / named),
      'without others it stands': tally.others === 0 ? null : round(tally.othersStand / tally.others),
      'none named: stands without three': tally.unnamed === 0 ? null : round(tally.unnamedStand / tally.unnamed),
      'predict p50 ms': round(median(ms)),
    })
  }
  retireModel(model)
}

function askAll(model: Model, questions: Attributes[]): { tally: Tally; ms: number[] } {
  const tally: Tally = { cases: 0, operations: 0, resources: 0, changed: 0, others: 0, othersStand: 0, unnamed: 0, unnamedStand: 0 }
  const ms: number[] = []
  for (const attributes of questions) {
    const started = performance.now()
    const answer = predict(model, { attributes })
    ms.push(performance.now() - started)
    if (answer.candidates.length === 0) continue
    tally.cases++
    const isOther = (without: string[]) => routingOf(predict(model, { attributes, without })) !== routingOf(answer)
    const { decisive, decisiveFor } = answer.grounds
    const near = answer.neighbours.map(({ item }) => item)
    if (decisiveFor === undefined) {
      tally.unnamed++
      if (!isOther(supporters(answer, near))) tally.unnamedStand++
      continue
    }
    tally[decisiveFor]++
    if (isOther(decisive)) tally.changed++
    const others = near.filter((item) => !decisive.includes(item)).slice(0, limits.decisiveMax)
    if (others.length === 0) continue
    tally.others++
    if (!isOther(others)) tally.othersStand++
  }
  return { tally, ms }
}

/** Three neighbours that have the first candidate's operations, nearest first; the three nearest where fewer have. */
function supporters({ candidates: [first], neighbours }: Prediction, near: string[]): string[] {
  const same = neighbours.filter(({ signature }) => signature === first.signature).map(({ item }) => item)
  return (same.length > 0 ? same : near).slice(0, limits.decisiveMax)
}

/** Operations and resources of the first candidate. */
function routingOf({ candidates: [first] }: Prediction): string {
  return first === undefined ? '' : first.steps.map(({ operation, resource }) => `${operation} ${resource}`).join('\n')
}
