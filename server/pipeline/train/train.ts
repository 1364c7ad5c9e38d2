/**
 * The training line: lock → extract → build → publish by rename → register, inactive. Any failure leaves no version and
 * no lock; a process that dies leaves what the next run sweeps.
 */
import { publishVersion } from '../../artifacts/version-directory'
import type { Mapping } from '../../contract/mapping'
import type { TrainerConfig, TrainProgress } from '../../contract/training'
import { DomainError } from '../../domain/error'
import { flatQuality } from '../../domain/evaluation/flat-quality'
import type { Finding, RowAccount } from '../../domain/plant'
import { openSource } from '../../source/open'
import type { OpenOptions } from '../../source/source'
import { takenNames } from '../../store/model-version'
import type { Db } from '../../store/open'
import { announceVersion } from '../../store/training-run'
import { extract } from '../extract'
import { register } from '../registry'
import { readQuality } from '../version-quality'
import { type BuiltVersion, buildVersion } from './build-version'
import { goOn } from './cancelling'
import { underTrainingRun } from './training-run'

export interface TrainInput {
  db: Db
  modelsDirectory: string
  sourcePath: string
  sourceOptions?: OpenOptions
  mapping: Mapping
  config: TrainerConfig
  who: string
  now: () => Date
  onProgress?: (progress: TrainProgress) => void
  signal?: AbortSignal
}

export interface TrainReport {
  version: string
  directory: string
  items: number
  routings: number
  operations: number
  results: number
  vectors: number
  recall: Record<string, number>
  seconds: number
  /** Seconds of each stage, in order. */
  stages: Record<string, number>
  /** Most memory that building the graph held at a time, mapped files left out, bytes. */
  graphMemoryBytes: number
  /** Largest resident memory of this process so far, whatever it did before, mapped files included, bytes. */
  processMemoryBytes: number
  /** Vectors that a narrow walk for themselves does not find. */
  unreachedVectors: number
  accounts: RowAccount[]
  findings: Finding[]
}

/** @throws training_locked, data_refused, data_empty, cancelled, and what the source, the engine and the disk throw */
export async function train(input: TrainInput): Promise<TrainReport> {
  const { db, modelsDirectory, mapping, now } = input
  const started = performance.now()
  return underTrainingRun({ db, modelsDirectory, command: `train ${mapping.name}`, now }, (run) => trainUnderLock(input, run, started))
}

async function trainUnderLock(input: TrainInput, run: number, started: number): Promise<TrainReport> {
  const { db, modelsDirectory, mapping, config, who, now, signal, onProgress = () => {} } = input
  const stages = stageClock(onProgress)
  const source = await openSource(input.sourcePath, input.sourceOptions)
  const extraction = await extract(source, mapping, {
    onProgress: ({ rows }) => stages.report({ stage: 'extract', done: rows, total: 0 }),
  }).finally(() => source.close())
  const { plant, accounts, findings } = extraction
  if (plant.routings.count === 0) throw new DomainError('data_empty', 'no item of the source has a routing')
  goOn(signal)
  const mappingSha256 = new Bun.CryptoHasher('sha256').update(JSON.stringify(mapping)).digest('hex')
  let built: BuiltVersion | null = null
  const published = await publishVersion({
    modelsDirectory,
    now: now(),
    taken: takenNames(db),
    announce: (version) => announceVersion(db, { run, version }),
    write: async (directory) => {
      built = await buildVersion({
        plant,
        mapping,
        mappingSha256,
        config,
        directory,
        startedAt: now().toISOString(),
        onProgress: stages.report,
        signal,
      })
      stages.report({ stage: 'publish', done: 0, total: 1 })
      return built.body
    },
  })
  const quality = heldOutQuality(published.directory)
  await register(db, modelsDirectory, { version: published.version, quality, run, who, now: now() })
  stages.report({ stage: 'publish', done: 1, total: 1 })
  const { body, graph } = built as unknown as BuiltVersion
  const { counts, recall } = body
  return {
    version: published.version,
    directory: published.directory,
    items: counts.items,
    routings: counts.routings,
    operations: counts.operations,
    results: counts.results,
    vectors: counts.vectors,
    recall,
    seconds: round((performance.now() - started) / 1000),
    stages: stages.seconds(),
    graphMemoryBytes: graph.memoryBytes,
    processMemoryBytes: process.resourceUsage().maxRSS * (process.platform === 'linux' ? 1024 : 1),
    unreachedVectors: graph.unreached,
    accounts,
    findings,
  }
}

/** The held-out figures of the version that was just published, for the registry's table. */
function heldOutQuality(directory: string): Record<string, number> {
  const report = readQuality(directory)
  if (report === null) throw new DomainError('internal', 'the quality report of the new version is not as its schema says')
  return flatQuality(report)
}

/** Seconds between the first reports of the stages, as they come. */
function stageClock(onProgress: (progress: TrainProgress) => void) {
  const seconds: Record<string, number> = {}
  let stage: string = 'extract'
  let since = performance.now()
  const close = () => {
    seconds[stage] = round((seconds[stage] ?? 0) + (performance.now() - since) / 1000)
    since = performance.now()
  }
  return {
    report: (progress: TrainProgress) => {
      if (progress.stage !== stage) {
        close()
        stage = progress.stage
      }
      onProgress(progress)
    },
    seconds: () => {
      close()
      return seconds
    },
  }
}

const round = (value: number): number => Math.round(value * 100) / 100
