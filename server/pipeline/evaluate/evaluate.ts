/**
 * Evaluation by holding out: trains on one part through the ordinary line, predicts the other through the ordinary line, and
 * sets the answers beside what the plant really made and beside the baselines.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MANIFEST_SCHEMA } from '../../contract/manifest'
import type { Mapping } from '../../contract/mapping'
import type { Attributes, Prediction } from '../../contract/predict'
import type { Chosen, ProtocolQuality, QualityReport, RetrievalQuality } from '../../contract/quality'
import type { TrainerConfig } from '../../contract/training'
import { type Baseline, bestSingleAttribute, mostFrequent } from '../../domain/evaluation/baselines'
import { scoreProtocol } from '../../domain/evaluation/protocol-quality'
import type { Plant } from '../../domain/plant'
import { subsetPlant } from '../../domain/plant-subset'
import { seededRandom } from '../../domain/random'
import { asWritten } from '../../domain/written-units'
import { type Model, openModel, retireModel } from '../model'
import { predict } from '../predict'
import { buildVersion } from '../train/build-version'
import { readQuality } from '../version-quality'
import type { AcceptedRouting, Answer } from './aligned-steps'
import { type Evaluation, evaluateAnswers, scoredCase } from './evaluation'
import { attributesOf, type Hardship, harden, knownNames, protocolName } from './question'

export interface EvaluateInput {
  mapping: Mapping
  config: TrainerConfig
  /** Pairs of a training plant and the items of a plant that are asked. */
  parts: { train: Plant; test: Plant; items: Uint32Array }[]
  /** What is taken from the questions, each in turn of the same held-out items; nothing when absent. The first has the tables. */
  hardships?: Hardship[]
  /** How the parts were made, for the names of the protocols. */
  split?: string
  /** Of the hardships and the bootstrap. */
  seed?: number
  onProgress?: (done: number, total: number) => void
}

export interface Evaluated extends Evaluation {
  /** One a hardship. */
  protocols: ProtocolQuality[]
  /** Of the last part's index and training. */
  recall: Record<string, number>
  retrieval: RetrievalQuality | null
  chosen: Chosen | null
  trainSeconds: number
}

/** Metrics over all parts together. Each part is trained once, whatever is asked of it. */
export async function evaluate({
  mapping,
  config,
  parts,
  hardships = [{ blank: 0, unseen: false }],
  split = 'item',
  seed = 1,
  onProgress = () => {},
}: EvaluateInput): Promise<Evaluated> {
  const asked = hardships.map((hardship) => ({ hardship, answers: [] as Answer[], random: seededRandom(seed) }))
  const total = parts.reduce((sum, { items }) => sum + items.length, 0)
  let done = 0
  let recall: Record<string, number> = {}
  let quality: QualityReport | null = null
  let trainSeconds = 0
  for (const { train, test, items } of parts) {
    const directory = mkdtempSync(join(tmpdir(), 'routewright-evaluate-'))
    try {
      const started = performance.now()
      const startedAt = new Date(0).toISOString()
      const { body } = await buildVersion({ plant: train, mapping, mappingSha256: '0'.repeat(64), config, directory, startedAt })
      trainSeconds += (performance.now() - started) / 1000
      recall = body.recall
      quality = readQuality(directory)
      const manifest = { schema: MANIFEST_SCHEMA, version: '0000.00.00_evaluate', createdAt: startedAt, files: {}, ...body } as const
      const model = await openModel(directory, manifest, { epoch: 0 })
      const baselines = [mostFrequent(train), bestSingleAttribute(train)]
      const medians = operationMedians(train)
      for (const item of items) {
        for (const { hardship, answers, random } of asked) {
          const known = attributesOf(test, item)
          const hard = harden(known, hardship, random)
          const blanked = 1 - knownNames(hard).length / Math.max(1, knownNames(known).length)
          const attributes = asWritten(test.items.features, hard)
          answers.push({ ...answerOf(model, test, item, { attributes, baselines, medians }), blanked })
        }
        if (++done % 100 === 0) {
          onProgress(done, total)
          await Bun.sleep(0)
        }
      }
      retireModel(model)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  }
  onProgress(total, total)
  const [plain] = asked
  return {
    ...evaluateAnswers(plain.answers, seededRandom(seed)),
    protocols: asked.map(({ hardship, answers }) =>
      scoreProtocol(protocolName(split, hardship), answers.map(scoredCase), seededRandom(seed)),
    ),
    recall,
    retrieval: quality?.retrieval ?? null,
    chosen: quality?.chosen ?? null,
    trainSeconds,
  }
}

/** All routed items of `plant` but `held` as training plant; unrouted items stay, as they would in a plant. */
export function holdOut(plant: Plant, held: Uint32Array): { train: Plant; test: Plant; items: Uint32Array } {
  const out = new Set(held)
  const rows = Uint32Array.from(Array.from({ length: plant.items.count }, (_, item) => item).filter((item) => !out.has(item)))
  return { train: subsetPlant(plant, rows), test: plant, items: held }
}

interface Asked {
  attributes: Attributes
  baselines: Baseline[]
  medians: Medians
}

function answerOf(model: Model, test: Plant, item: number, { attributes, baselines, medians }: Asked): Omit<Answer, 'blanked'> {
  const prediction = predict(model, { attributes, candidates: 10 })
  return {
    item: test.items.keys[item],
    prediction,
    accepted: acceptedRoutings(test, item, medians),
    baselines: [
      ...baselines.map((baseline) => ({ name: generalName(baseline.name), candidates: baseline.answer(test, item) })),
      { name: "nearest neighbours' copies", candidates: neighbourCopies(prediction) },
    ],
  }
}

/** The attribute may differ from fold to fold: one row in the report. */
const generalName = (name: string): string =>
  name.startsWith('most frequent by') || name.startsWith('best single') ? 'most frequent by best single attribute' : name

function neighbourCopies(prediction: Prediction): string[][] {
  const signatures = [...new Set(prediction.neighbours.map(({ signature }) => signature).filter((signature) => signature !== null))]
  return signatures.slice(0, 5).map((signature) => signature.split('+'))
}

type Medians = Record<'setup' | 'run', Map<string, number>>

function operationMedians({ steps }: Plant): Medians {
  const of = (column: Float64Array) => {
    const samples = new Map<string, number[]>()
    for (let step = 0; step < steps.count; step++) {
      if (Number.isNaN(column[step])) continue
      const operation = steps.operation.dictionary[steps.operation.codes[step]]
      const values = samples.get(operation)
      if (values === undefined) samples.set(operation, [column[step]])
      else values.push(column[step])
    }
    return new Map([...samples].map(([operation, values]) => [operation, values.sort((a, b) => a - b)[values.length >> 1]]))
  }
  return { setup: of(planned(steps.setup, steps.actualSetup)), run: of(planned(steps.run, steps.actualRun)) }
}

/** The planned times; the reported ones in a plant that plans none. */
const planned = (standard: Float64Array, actual: Float64Array): Float64Array => (standard.every(Number.isNaN) ? actual : standard)

function acceptedRoutings({ routings, steps }: Plant, item: number, medians: Medians): AcceptedRouting[] {
  const setup = planned(steps.setup, steps.actualSetup)
  const run = planned(steps.run, steps.actualRun)
  return Array.from({ length: routings.itemOffsets[item + 1] - routings.itemOffsets[item] }, (_, index) => {
    const routing = routings.itemOffsets[item] + index
    const rows = Array.from(
      { length: routings.stepOffsets[routing + 1] - routings.stepOffsets[routing] },
      (_, at) => routings.stepOffsets[routing] + at,
    )
    const minutes = (column: Float64Array) => rows.map((step) => (Number.isNaN(column[step]) ? null : column[step]))
    const operations = rows.map((step) => steps.operation.dictionary[steps.operation.codes[step]])
    return {
      operations,
      resources: rows.map((step) => steps.resource.dictionary[steps.resource.codes[step]] || null),
      times: { setup: minutes(setup), run: minutes(run) },
      medians: {
        setup: operations.map((operation) => medians.setup.get(operation) ?? null),
        run: operations.map((operation) => medians.run.get(operation) ?? null),
      },
    }
  })
}
