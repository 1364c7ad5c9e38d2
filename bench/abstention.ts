/**
 * What does a user see who asks about parts that the plant knows little of? (a) The items of a plant that were never routed: how often the
 * answer abstains, how sure it is, what it proposes, in its own words. (b) Items of other plants asked of the sample plant: as a file
 * with their own columns, and with their values written into the plant's columns. Nearly all of (b) should abstain or say below .1.
 *
 *     bun bench/abstention.ts [--data ../shared/data] [--items 4000] [--asked 200] [--seed 1] [--json] [--smoke]
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { MANIFEST_SCHEMA } from '../server/contract/manifest'
import type { Attributes, Prediction } from '../server/contract/predict'
import type { Plant } from '../server/domain/plant'
import { sampleRows, seededRandom } from '../server/domain/random'
import { UNSEEN_VALUE } from '../server/domain/unseen-value'
import { asWritten } from '../server/domain/written-units'
import { attributesOf } from '../server/pipeline/evaluate/question'
import { extract } from '../server/pipeline/extract'
import { loadMapping } from '../server/pipeline/mapping-file'
import { type Model, openModel, retireModel } from '../server/pipeline/model'
import { predict } from '../server/pipeline/predict'
import { predictFile } from '../server/pipeline/predict-file'
import { buildVersion } from '../server/pipeline/train/build-version'
import { readTrainerConfig } from '../server/pipeline/trainer-config'
import { openSource } from '../server/source/open'
import { median } from './measure/quantiles'
import { beginReport, printReport, type Row, type Section, say } from './measure/report'
import { inWorkspace, smokeNote, writeSamplePlant } from './measure/sample-plant'
import { round, wholeNumbers } from './measure/values'
import { dataFolder, mappingFolder, sourceOf } from './quality/mapping-sources'

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: dataFolder },
    items: { type: 'string', default: '4000' },
    asked: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
  },
})
const smoke = values.smoke
const [items] = smoke ? [400] : wholeNumbers('items', values.items)
const [askedMax] = smoke ? [20] : wholeNumbers('asked', values.asked)
const [seed] = wholeNumbers('seed', values.seed)
const data = resolve(values.data)
/** Below, an answer says itself that it is a guess. */
const LOW = 0.1
const unroutedPlants = smoke ? ['adventureworks'] : ['adventureworks', 'adventureworks-korean']
const foreignPlants = smoke ? ['capp'] : ['adventureworks', 'capp', 'fabricad', 'optimoldiq']

const head = beginReport('abstention', 'What is said about parts that the plant knows little of?')
const notes = smoke ? [smokeNote] : []
const summary: Row[] = []
const sections: Section[] = []

await inWorkspace('abstention', async ({ folder }) => {
  for (const name of unroutedPlants) {
    const plant = await plantOf(name)
    if (plant === null) continue
    const { itemOffsets } = plant.routings
    const rows = Array.from({ length: plant.items.count }, (_, row) => row).filter((row) => itemOffsets[row] === itemOffsets[row + 1])
    const model = await trained(name, plant, join(mappingFolder, `${name}.json`), join(folder, name))
    say(`${name}: ${rows.length} items without a routing`)
    const answers = rows.map((row) => predict(model, { item: plant.items.keys[row] }))
    tell(`${name}: never routed`, answers)
    sections.push({ title: `${name}: never routed, by family`, rows: familyRows(plant, rows, answers) })
    retireModel(model)
  }
  const { path } = await writeSamplePlant(folder, items)
  const mapping = join(path, 'mapping.json')
  const sample = await read(path, mapping)
  const model = await trained('sample', sample, mapping, join(folder, 'sample-version'))
  const random = seededRandom(seed)
  const known = sampleRows(sample.items.count, Math.min(askedMax, sample.items.count), random)
  tell(
    'sample: its own numbers, no text that it knows',
    [...known].map((row) => predict(model, { attributes: withoutTexts(sample, row) })),
  )
  for (const name of foreignPlants) {
    const plant = await plantOf(name)
    if (plant === null) continue
    const rows = [...sampleRows(plant.items.count, Math.min(askedMax, plant.items.count), random)]
    const file = join(folder, `${name}.ndjson`)
    writeFileSync(file, rows.map((row) => `${JSON.stringify(ownColumns(plant, row))}\n`).join(''))
    const answers: Prediction[] = []
    const problems: string[] = []
    for await (const line of predictFile(model, file, { candidates: 5 })) {
      if ('problem' in line) problems.push(line.problem.code)
      else answers.push(line)
    }
    tell(`${name} → sample, a file with its own columns`, answers, problems)
    tell(
      `${name} → sample, values in the sample's columns`,
      rows.map((row) => predict(model, { attributes: translated(model, plant, row) }, { lenient: true })),
    )
  }
  retireModel(model)
})
printReport(
  {
    ...head,
    data: `folders of ${relative('.', data)}, and a sample plant of ${items} items`,
    warmUp: 'none: what is counted does not depend on speed',
    repetitions: `1, seed ${seed}; of other plants at most ${askedMax} items`,
    sections: [{ title: 'How often and how sure', rows: summary }, ...sections],
    notes,
  },
  values,
)

async function plantOf(name: string): Promise<Plant | null> {
  const source = join(data, sourceOf[name][0])
  if (existsSync(source)) return read(source, join(mappingFolder, `${name}.json`))
  notes.push(`SKIPPED ${name}: no data at ${relative('.', source)}`)
  return null
}

async function read(path: string, mappingPath: string): Promise<Plant> {
  const source = await openSource(path)
  return (await extract(source, await loadMapping(mappingPath)).finally(() => source.close())).plant
}

async function trained(name: string, plant: Plant, mappingPath: string, directory: string): Promise<Model> {
  say(`${name}: training …`)
  mkdirSync(directory, { recursive: true })
  const startedAt = new Date(0).toISOString()
  const config = { ...readTrainerConfig(), ...(smoke && { heldOut: { itemsMax: 50, foldsBelow: 0 } }) }
  const mapping = await loadMapping(mappingPath)
  const { body } = await buildVersion({ plant, mapping, mappingSha256: '0'.repeat(64), config, directory, startedAt })
  return openModel(
    directory,
    { schema: MANIFEST_SCHEMA, version: '0000.00.00_bench', createdAt: startedAt, files: {}, ...body },
    { epoch: 0 },
  )
}

/** A row of a file as the other plant would send it. */
function ownColumns(plant: Plant, row: number): Record<string, unknown> {
  const attributes = asWritten(plant.items.features, attributesOf(plant, row))
  return Object.fromEntries(plant.items.features.map(({ name, feature }) => [feature.column, attributes[name]]))
}

/** The other plant's texts in this one's text columns and its numbers in the number columns, both in the order of the mappings. */
function translated(model: Model, plant: Plant, row: number): Attributes {
  const attributes = attributesOf(plant, row)
  const of = (isNumber: boolean) => plant.items.features.filter(({ column }) => (column.kind === 'number') === isNumber)
  const [texts, numbers] = [of(false), of(true)]
  const given: Attributes = {}
  for (const { name, feature } of model.knowledge.items.features) {
    const from = (feature.kind === 'number' ? numbers : texts).shift()
    if (from !== undefined) given[name] = attributes[from.name]
  }
  return given
}

/** Units stay: without them the numbers would be unknown as well. */
function withoutTexts(plant: Plant, row: number): Attributes {
  const attributes = asWritten(plant.items.features, attributesOf(plant, row))
  const units = new Set(plant.items.features.map(({ feature }) => (feature.kind === 'number' ? feature.unitColumn : undefined)))
  for (const { name, feature } of plant.items.features)
    if (feature.kind !== 'number' && !units.has(feature.column) && attributes[name] !== null) attributes[name] = UNSEEN_VALUE
  return attributes
}

function tell(name: string, answers: Prediction[], problems: string[] = []): void {
  const share = (count: number) => (answers.length === 0 ? null : round(count / answers.length))
  const isFirm = ({ abstained, confidence }: Prediction) => !abstained && confidence >= LOW
  const nearest = answers.map(({ neighbours }) => neighbours[0]?.similarity ?? 0)
  summary.push({
    asked: name,
    answers: answers.length,
    refused: problems.length,
    abstained: share(answers.filter(({ abstained }) => abstained).length),
    [`or below ${LOW}`]: share(answers.filter((answer) => !isFirm(answer)).length),
    'confidence, median': round(median(answers.map(({ confidence }) => confidence))),
    largest: round(Math.max(...answers.map(({ confidence }) => confidence))),
    'nearest, median': round(median(nearest)),
    'nearest, largest': round(Math.max(...nearest)),
  })
  const bins = Array.from({ length: 10 }, () => ({ answers: 0, abstained: 0 }))
  for (const { confidence, abstained } of answers) {
    const bin = bins[Math.min(9, Math.floor(10 * confidence))]
    bin.answers++
    if (abstained) bin.abstained++
  }
  const histogram = bins.map((bin, at) => ({ confidence: `${at / 10} to ${(at + 1) / 10}`, ...bin })).filter((bin) => bin.answers > 0)
  sections.push({ title: `${name}: confidence`, rows: histogram })
  sections.push({
    title: `${name}: first candidates`,
    rows: counted(answers, ({ candidates }) => clip(candidates[0]?.signature ?? '-')).slice(0, 12),
  })
  const words = counted(answers, ({ grounds, abstained }) => `${grounds.code}${abstained ? ', abstained' : ''}`)
  const exampleOf = (what: string) =>
    answers.find(({ grounds, abstained }) => `${grounds.code}${abstained ? ', abstained' : ''}` === what)!.reason
  sections.push({ title: `${name}: words`, rows: words.map((row) => ({ ...row, example: exampleOf(String(row.what)) })) })
  const warned = answers.flatMap(({ warnings }) => [...new Set(warnings.map(({ code }) => code))])
  const rows = [...counted(warned, (code) => `warning ${code}`), ...counted(problems, (code) => `refused ${code}`)]
  if (rows.length > 0) sections.push({ title: `${name}: answers with warnings`, rows })
}

/** How the unrouted items of each family are answered, and how many of the family have been routed. */
function familyRows({ items: { family }, routings: { itemOffsets } }: Plant, rows: number[], answers: Prediction[]): Row[] {
  if (family === null) return []
  const familyOf = (row: number) => family.dictionary[family.codes[row]] || '-'
  const routed = new Map<string, number>()
  for (let row = 0; row < family.codes.length; row++)
    if (itemOffsets[row] < itemOffsets[row + 1]) routed.set(familyOf(row), (routed.get(familyOf(row)) ?? 0) + 1)
  return counted(rows, familyOf).map(({ what, answers: count }) => {
    const of = answers.filter((_, at) => familyOf(rows[at]) === what)
    return {
      family: what,
      'never routed': count,
      'routed before': routed.get(what) ?? 0,
      abstained: of.filter(({ abstained }) => abstained).length,
      'confidence, median': round(median(of.map(({ confidence }) => confidence))),
      'most frequent answer': clip(counted(of, ({ candidates }) => candidates[0]?.signature ?? '-')[0].what),
    }
  })
}

function counted<T>(things: T[], nameOf: (thing: T) => string): { what: string; answers: number }[] {
  const counts = new Map<string, number>()
  for (const thing of things) counts.set(nameOf(thing), (counts.get(nameOf(thing)) ?? 0) + 1)
  return [...counts].map(([what, answers]) => ({ what, answers })).sort((a, b) => b.answers - a.answers)
}

function clip(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
