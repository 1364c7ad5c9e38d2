/**
 * Builds one version into a folder: fit encoder → encode → index → learn → choose and calibrate on held-out items → verify
 * by opening it as a server would. Publishing and registering are the caller's.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArrow, writeArrow } from '../../artifacts/arrow-file'
import type { Form } from '../../contract/item'
import { limits } from '../../contract/limits'
import { MANIFEST_SCHEMA, type ManifestBody } from '../../contract/manifest'
import type { Mapping } from '../../contract/mapping'
import type { TrainerConfig, TrainProgress } from '../../contract/training'
import { distinctRows } from '../../domain/encoder/distinct'
import { createEncoder, encodeItems, fitEncoder } from '../../domain/encoder/encoder'
import { formFields } from '../../domain/form'
import { findHabits } from '../../domain/habit'
import { chooseRanking } from '../../domain/held-out'
import { calibrateIntervals, farBelow } from '../../domain/interval-calibration'
import { fitMarginals } from '../../domain/marginals'
import type { Plant } from '../../domain/plant'
import { type Random, sampleRows, seededRandom } from '../../domain/random'
import { encodeSequenceItems, fitSequenceFeatures } from '../../domain/sequence-features'
import { chooseTimeMethods } from '../../domain/time-method'
import { AnnIndex, type BuiltIndex, buildIndex } from '../../engine/ann-index'
import { goldenLines } from '../golden'
import { readKnowledge, writeKnowledge } from '../knowledge-files'
import { csrOffsets, modelFiles, openModel, retireModel } from '../model'
import { readTimeProfiles, writeTimeProfiles } from '../profile-files'
import { runtimeVersions } from '../runtime-versions'
import { openStandardRules } from '../standard-templates'
import type { Draft } from './held-out-cases'
import { type Rehearsal, rehearse } from './held-out-run'
import { type MeasuredRecall, measureRecall, RECALL_QUESTIONS } from './recall'
import { recallQuestions } from './recall-questions'
import { rehearsalQuality } from './rehearsal-quality'
import { trainSequence } from './sequence-training'
import { recordStandardRoutings } from './standard-routing-record'
import { fitTimeRegression } from './time-trials'
import { usualResources } from './usual-resources'
import { learnWeights } from './weight-learning'

export interface BuildInput {
  plant: Plant
  mapping: Mapping
  mappingSha256: string
  config: TrainerConfig
  directory: string
  startedAt: string
  onProgress?: (progress: TrainProgress) => void
  signal?: AbortSignal
}

type FileName = keyof typeof modelFiles

/** What the manifest says of the files, and what building the graph took. */
export interface BuiltVersion {
  body: ManifestBody
  graph: BuiltIndex
}

/** Writes all files of a version. @throws data_empty, golden_failed, cancelled, and the engine's problems */
export async function buildVersion({
  plant,
  mapping,
  mappingSha256,
  config,
  directory,
  startedAt,
  onProgress = () => {},
  signal,
}: BuildInput): Promise<BuiltVersion> {
  const pathOf = (name: FileName) => join(directory, modelFiles[name])
  const writeJson = (name: FileName, value: unknown) => writeFileSync(pathOf(name), `${JSON.stringify(value)}\n`, { flag: 'wx' })
  const random = seededRandom(config.seed)

  onProgress({ stage: 'encode', done: 0, total: plant.items.count })
  const weights = new Map(plant.items.features.map(({ name, feature }) => [name, feature.weight ?? 1]))
  const fitted = fitEncoder(plant.items, weights, config.encoder.dimensionsMax)
  const learnedWeights = learnWeights(plant, fitted, random)
  const encoder = createEncoder({
    ...fitted,
    blocks: fitted.blocks.map((block, at) => ({ ...block, weight: learnedWeights?.weights[at] ?? block.weight })),
  })
  const { dimensions, blocks } = encoder.model
  const routed = (row: number) => plant.routings.itemOffsets[row + 1] > plant.routings.itemOffsets[row]
  const distinct = distinctRows(plant.items, routed)
  const vectors = encodeItems(encoder, plant.items, distinct.representative)
  onProgress({ stage: 'encode', done: plant.items.count, total: plant.items.count })

  const indexing = buildIndex(vectors, {
    dimensions,
    directory,
    ...config.index,
    threads: config.threads,
    onProgress: (done, total) => onProgress({ stage: 'index', done, total }),
    signal,
  })
  // while the graph is being built on the engine's threads, this thread writes the columns
  indexing.catch(() => {})
  writeJson('mapping', mapping)
  writeJson('encoder', encoder.model)
  const weightRows = blocks.map(({ name, weight }, at) => ({
    name,
    prior: fitted.blocks[at].weight,
    learned: weight,
    importance: learnedWeights?.importance[at] ?? null,
  }))
  writeJson('weights', {
    attributes: weightRows,
    // agreement of the ten nearest items' routings on questions that chose nothing
    agreement: learnedWeights === null ? null : { prior: learnedWeights.before, learned: learnedWeights.after },
  })
  writeJson('form', form(plant, mapping))
  writeJson('marginals', fitMarginals(plant.items))
  const sequenceFeatures = fitSequenceFeatures(plant.items)
  writeJson('sequenceFeatures', sequenceFeatures)
  writeKnowledge(plant, distinct, pathOf)
  writeTimeProfiles(plant.steps, pathOf('profiles'))
  writeArrow(pathOf('usualResources'), usualResources(plant.steps))
  const graph = await indexing

  const knowledge = readKnowledge((name) => readArrow(pathOf(name)), mapping)
  const usual = readArrow(pathOf('usualResources'))
  const index = AnnIndex.open({
    imagePath: pathOf('image'),
    indexPath: pathOf('index'),
    vectorsPath: pathOf('vectors'),
    dimensions,
    count: distinct.representative.length,
  })
  let measured: MeasuredRecall
  try {
    const draft: Draft = {
      knowledge,
      encoder,
      index,
      profiles: readTimeProfiles(readArrow(pathOf('profiles')), knowledge.operations.group),
      usualResources: {
        offsets: csrOffsets(usual.numbers<Uint32Array>('operation'), knowledge.operations.code.length),
        resources: usual.numbers('resource'),
        counts: usual.numbers('count'),
      },
      sequenceFeatures,
      learned: { ...chooseRanking([]), intervals: {} },
    }
    const learned = await learn({ plant, mapping, draft, config, random, onProgress, signal })
    writeFileSync(pathOf('sequence'), learned.sequence, { flag: 'wx' })
    writeJson('learned', learned.learned)
    onProgress({ stage: 'verify', done: 0, total: 2 })
    writeFileSync(pathOf('golden'), goldenLines({ index, knowledge }, sampleRows(index.count, 24, random)), { flag: 'wx' })
    const { seed, threads } = config
    measured = await measureRecall(index, recallQuestions(draft, { count: RECALL_QUESTIONS, random: seededRandom(seed) }), { threads })
    const held = { ...learned.rehearsal, learned: learned.learned, weights: weightRows, retrieval: measured.retrieval }
    writeJson('quality', rehearsalQuality({ ...held, plant, mapping: mapping.name, seed, at: startedAt }))
  } finally {
    index.retire()
  }
  const runtime = runtimeVersions()
  writeJson('metadata', { startedAt, runtime, config, mapping: mapping.name, threads: config.threads })
  const body: ManifestBody = {
    counts: {
      items: plant.items.count,
      vectors: distinct.representative.length,
      routings: plant.routings.count,
      operations: plant.steps.count,
      results: plant.results.count,
    },
    dimensions,
    metric: 'cosine',
    scalar: 'int8',
    index: config.index,
    ...measured.body,
    mapping: { name: mapping.name, sha256: mappingSha256 },
    runtime,
    parameters: { ...config },
  }
  // as a server would open it; the name does not matter here
  const opened = await openModel(
    directory,
    { schema: MANIFEST_SCHEMA, version: '0000.00.00_verify', createdAt: startedAt, files: {}, ...body },
    { epoch: 0 },
  )
  retireModel(opened)
  onProgress({ stage: 'verify', done: 2, total: 2 })
  const extra = readdirSync(directory).filter((name) => !(Object.values(modelFiles) as string[]).includes(name))
  if (extra.length > 0) throw new Error(`unexpected files in the version: ${extra.join(', ')}`)
  return { body, graph }
}

function form(plant: Plant, mapping: Mapping): Omit<Form, 'version'> {
  const withRouting = Array.from({ length: plant.items.count }, (_, row) => row).find(
    (row) => plant.routings.itemOffsets[row + 1] === plant.routings.itemOffsets[row],
  )
  return {
    mapping: mapping.name,
    items: plant.items.count,
    fields: formFields(plant.items.features, plant.items.count).slice(0, limits.attributesMax),
    // an item that was never routed is the honest example; a plant without one shows its first
    example: plant.items.keys[withRouting ?? 0] ?? null,
  }
}

interface LearnInput {
  plant: Plant
  mapping: Mapping
  draft: Draft
  config: TrainerConfig
  random: Random
  onProgress: (progress: TrainProgress) => void
  signal?: AbortSignal
}

/** Rehearses on held-out items, chooses and calibrates by what came of it, and trains the sequence model that is shipped. */
async function learn({
  plant,
  mapping,
  draft,
  config,
  random,
  onProgress,
  signal,
}: LearnInput): Promise<{ sequence: Uint8Array; learned: Draft['learned']; rehearsal: Pick<Rehearsal, 'cases' | 'trials' | 'isSmall'> }> {
  const matrix = encodeSequenceItems(draft.sequenceFeatures, plant.items)
  const { cases, trials, sequence, isSmall } = await rehearse({
    plant,
    matrix,
    draft,
    config,
    random,
    onProgress,
    signal,
  })
  const timesFarBelow = farBelow(trials)
  const timeMethods = chooseTimeMethods(trials, timesFarBelow)
  const learned = {
    ...chooseRanking(cases),
    habits: findHabits(draft.knowledge),
    timeMethods,
    timeRegression: fitTimeRegression(plant, new Set()),
    ...(timesFarBelow === undefined ? {} : { timesFarBelow }),
    intervals: calibrateIntervals(trials, timeMethods, timesFarBelow),
    standardRoutings: recordStandardRoutings(draft.knowledge, openStandardRules(mapping, draft.knowledge), config.seed),
  }
  // a large plant ships the model that did not see the few held-out items; a small one cannot afford to lose a fifth
  const rehearsal = { cases, trials, isSmall }
  if (!isSmall && sequence !== null) return { sequence, learned, rehearsal }
  return { sequence: await trainSequence(plant, matrix, config, { signal }), learned, rehearsal }
}
