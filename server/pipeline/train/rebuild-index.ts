/**
 * Another index over the vectors of a version: a new version with the same files but for the graph, so that poor parameters
 * (m 4) are mended without training, compared before anybody switches, and taken back like any version.
 */

import { constants, existsSync } from 'node:fs'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { readArrow } from '../../artifacts/arrow-file'
import { publishVersion } from '../../artifacts/version-directory'
import { efSearchPresets } from '../../contract/limits'
import type { Manifest, ManifestBody } from '../../contract/manifest'
import type { Mapping } from '../../contract/mapping'
import type { QualityReport } from '../../contract/quality'
import type { TrainProgress } from '../../contract/training'
import { createEncoder, type EncoderModel } from '../../domain/encoder/encoder'
import { DomainError } from '../../domain/error'
import { flatQuality } from '../../domain/evaluation/flat-quality'
import { sampleRows, seededRandom } from '../../domain/random'
import { AnnIndex, buildIndex } from '../../engine/ann-index'
import { takenNames } from '../../store/model-version'
import type { Db } from '../../store/open'
import { announceVersion } from '../../store/training-run'
import { readKnowledge } from '../knowledge-files'
import { modelFiles, openModel, retireModel } from '../model'
import { openVersion, register } from '../registry'
import { runtimeVersions } from '../runtime-versions'
import { readQuality } from '../version-quality'
import { measureRecall, RECALL_QUESTIONS } from './recall'
import { recallQuestions } from './recall-questions'
import { underTrainingRun } from './training-run'

export interface RebuildInput {
  db: Db
  modelsDirectory: string
  /** The version whose vectors are used. */
  version: string
  /** Links a vector on the lower levels. */
  m: number
  /** Breadth of the search for each insertion. */
  efConstruction: number
  /** One a processor when absent. */
  threads?: number
  who: string
  now: () => Date
  onProgress?: (progress: TrainProgress) => void
  signal?: AbortSignal
}

/** µs of one search on one thread. */
export interface SearchLatency {
  p50Us: number
  p95Us: number
}
export interface IndexFigures {
  m: number
  efConstruction: number
  /** Of the graph's file. */
  bytes: number
  /** `standard@10` … → recall against exact search. */
  recall: Record<string, number>
  /** Preset → time of a search. */
  latency: Record<string, SearchLatency>
}
export interface RebuildReport {
  version: string
  from: string
  before: IndexFigures
  after: IndexFigures
  /** Most that the build held at a time, mapped files left out. */
  memoryBytes: number
  /** Vectors that a narrow walk for themselves does not find. */
  unreachedVectors: number
  seconds: number
}

const LATENCY_QUERIES = 400
/** Of recall and latency: both graphs are asked the same. */
const SEED = 1

/**
 * Builds, measures both graphs on the same questions in turn, publishes and registers the new version, inactive.
 * Throws `training_locked`, `version_unknown`, `bad_request` (parameters), `golden_failed` (the graph is too poor to serve), and what opening, the engine and the disk throw.
 */
export async function rebuildIndex(input: RebuildInput): Promise<RebuildReport> {
  const { db, modelsDirectory, version, now } = input
  return underTrainingRun({ db, modelsDirectory, command: `rebuild-index ${version}`, now }, (run) => rebuildUnderLock(input, run))
}

async function rebuildUnderLock(input: RebuildInput, run: number): Promise<RebuildReport> {
  const {
    db,
    modelsDirectory,
    version,
    m,
    efConstruction,
    threads = availableParallelism(),
    who,
    now,
    signal,
    onProgress = () => {},
  } = input
  const started = performance.now()
  const { model, directory: source, manifest } = await openVersion(db, modelsDirectory, { version, epoch: 0, prepare: openGraph })
  const figures: { before: IndexFigures | null; after: IndexFigures | null } = { before: null, after: null }
  try {
    let [memoryBytes, unreachedVectors] = [0, 0]
    const published = await publishVersion({
      modelsDirectory,
      now: now(),
      taken: takenNames(db),
      announce: (name) => announceVersion(db, { run, version: name }),
      write: async (directory) => {
        await copyAllButIndex(source, directory, Object.keys(manifest.files))
        const built = await buildIndex(
          { path: join(directory, modelFiles.vectors) },
          {
            dimensions: manifest.dimensions,
            directory,
            connectivity: m,
            expansionAdd: efConstruction,
            threads,
            onProgress: (done, total) => onProgress({ stage: 'index', done, total }),
            signal,
          },
        )
        memoryBytes = built.memoryBytes
        unreachedVectors = built.unreached
        onProgress({ stage: 'verify', done: 0, total: 1 })
        const body = await measureBoth({ model, directory, input, figures, startedAt: now().toISOString() })
        // as a server would open it: a graph that is too poor becomes no version; the name does not matter here
        const draft = { ...manifest, ...body, version: '0000.00.00_verify', files: {} }
        retireModel(await openModel(directory, draft, { epoch: 0 }))
        onProgress({ stage: 'verify', done: 1, total: 1 })
        return body
      },
    })
    const report = readQuality(published.directory)
    await register(db, modelsDirectory, { version: published.version, quality: report && flatQuality(report), run, who, now: now() })
    onProgress({ stage: 'publish', done: 1, total: 1 })
    const { before, after } = figures
    if (before === null || after === null) throw new DomainError('internal', 'the graphs were not measured')
    const seconds = Math.round((performance.now() - started) / 10) / 100
    return { version: published.version, from: version, before, after, memoryBytes, unreachedVectors, seconds }
  } finally {
    model.index.retire()
  }
}

/** A version's graph and its vectors: one that is too poor to answer its golden queries is the very one to be mended. */
interface Graph {
  directory: string
  manifest: Manifest
  /** What both graphs are asked. */
  questions: Float32Array
  index: AnnIndex
}

async function openGraph(directory: string, manifest: Manifest): Promise<Graph> {
  const encoder = createEncoder(JSON.parse(await readFile(join(directory, modelFiles.encoder), 'utf8')) as EncoderModel)
  const mapping = JSON.parse(await readFile(join(directory, modelFiles.mapping), 'utf8')) as Mapping
  const knowledge = readKnowledge((name) => readArrow(join(directory, modelFiles[name])), mapping)
  const questions = recallQuestions({ encoder, knowledge }, { count: RECALL_QUESTIONS, random: seededRandom(SEED) })
  return { directory, manifest, questions, index: openIndex(directory, manifest) }
}

const openIndex = (directory: string, { dimensions, counts }: Manifest) =>
  AnnIndex.open({
    imagePath: existsSync(join(directory, modelFiles.image)) ? join(directory, modelFiles.image) : null,
    indexPath: join(directory, modelFiles.index),
    vectorsPath: join(directory, modelFiles.vectors),
    dimensions,
    count: counts.vectors,
  })

/** Copies share their blocks where the file system can do that. The graph and what tells of it are made anew. */
async function copyAllButIndex(source: string, target: string, names: string[]): Promise<void> {
  const made: string[] = [modelFiles.image, modelFiles.index, modelFiles.metadata, modelFiles.quality]
  for (const name of names) {
    if (!made.includes(name)) await copyFile(join(source, name), join(target, name), constants.COPYFILE_FICLONE)
  }
}

interface MeasureInput {
  model: Graph
  directory: string
  input: RebuildInput
  figures: { before: IndexFigures | null; after: IndexFigures | null }
  startedAt: string
}

/** Recall and time of both graphs, and the files that tell of the new one. Returns what the manifest says. */
async function measureBoth({ model, directory, input, figures, startedAt }: MeasureInput): Promise<ManifestBody> {
  const { version, m, efConstruction, threads = availableParallelism() } = input
  const { manifest, questions } = model
  const index = openIndex(directory, manifest)
  try {
    const before = await measureRecall(model.index, questions, { threads })
    const after = await measureRecall(index, questions, { threads })
    const [latencyBefore, latencyAfter] = compareLatency(model.index, index)
    const { connectivity, expansionAdd } = manifest.index
    const size = (folder: string) => Bun.file(join(folder, modelFiles.index)).size
    figures.before = {
      m: connectivity,
      efConstruction: expansionAdd,
      bytes: size(model.directory),
      recall: before.body.recall,
      latency: latencyBefore,
    }
    figures.after = { m, efConstruction, bytes: size(directory), recall: after.body.recall, latency: latencyAfter }
    const quality = readQuality(model.directory)
    if (quality !== null) await writeJson(directory, modelFiles.quality, { ...quality, retrieval: after.retrieval } satisfies QualityReport)
    const metadata = JSON.parse(await readFile(join(model.directory, modelFiles.metadata), 'utf8').catch(() => '{}')) as object
    const runtime = runtimeVersions()
    const rebuilt = { version, before: figures.before, after: figures.after }
    await writeJson(directory, modelFiles.metadata, { ...metadata, startedAt, runtime, rebuiltFrom: rebuilt })
    const { schema: _, version: __, createdAt: ___, files: ____, recallCurve: _____, ...body } = manifest
    return {
      ...body,
      index: { connectivity: m, expansionAdd: efConstruction },
      ...after.body,
      runtime,
      parameters: { ...body.parameters, rebuiltFrom: version },
    }
  } finally {
    index.retire()
  }
}

const writeJson = (directory: string, name: string, value: unknown) =>
  writeFile(join(directory, name), `${JSON.stringify(value)}\n`, { flag: 'wx' })

/** Both are asked the same stored vectors in turn, one thread, so that what else the machine does meets both alike. */
function compareLatency(before: AnnIndex, after: AnnIndex): [Record<string, SearchLatency>, Record<string, SearchLatency>] {
  const rows = sampleRows(before.count, LATENCY_QUERIES, seededRandom(SEED))
  const all: [Record<string, SearchLatency>, Record<string, SearchLatency>] = [{}, {}]
  for (const [preset, ef] of Object.entries(efSearchPresets)) {
    const times: [number[], number[]] = [[], []]
    for (const row of rows) {
      const query = before.vector(row)
      ;[before, after].forEach((index, which) => {
        const started = performance.now()
        index.search(query, { k: Math.min(10, index.count), ef })
        times[which].push((performance.now() - started) * 1_000)
      })
    }
    times.forEach((list, which) => {
      list.sort((a, b) => a - b)
      const at = (share: number) => Math.round((list[Math.min(list.length - 1, Math.floor(share * list.length))] ?? 0) * 10) / 10
      all[which][preset] = { p50Us: at(0.5), p95Us: at(0.95) }
    })
  }
  return all
}
