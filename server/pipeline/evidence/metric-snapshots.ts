/** What each process of one start counted, in a file each, rewritten every two seconds; and their sum. */
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AggregatorRegistry } from 'prom-client'

export type MetricValues = { name: string; type: string }[]

interface Snapshot {
  bootId: string
  /** Processes of the same start of the service. */
  run: string
  at: number
  values: MetricValues
}

export interface SnapshotOptions {
  directory: string
  bootId: string
  worker: number
  values: () => Promise<MetricValues>
  /** Unix ms. */
  now: () => number
}

const writeMs = 2_000
/** A process that did not write for so long has ended, or its disk is full. */
const silentMsMax = 10_000
/** Ended processes whose counts are kept; beyond, the oldest go, and the sums fall once. */
const endedMax = 64
const ending = '.json'

export class Snapshots {
  readonly #options: SnapshotOptions
  readonly #run: string
  #timer: ReturnType<typeof setInterval> | null = null
  #writing: Promise<void> | null = null

  constructor(options: SnapshotOptions) {
    this.#options = options
    this.#run = options.worker > 0 ? `supervisor-${process.ppid}` : `process-${process.pid}`
  }

  start(): void {
    this.#timer ??= setInterval(() => void this.#write(), writeMs)
    this.#timer.unref()
    void this.#sweep().then(() => this.#write())
  }

  /** Leaves the last counts behind for the others. */
  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    await this.#writing
    await this.#write()
  }

  /** Of all processes: one's own as they are now, of those that ended the counts only. A disk that cannot be read leaves one's own. */
  async all(): Promise<MetricValues[]> {
    const { bootId, values, now } = this.#options
    const others = (await this.#read()).filter((one) => one.run === this.#run && one.bootId !== bootId)
    const counted = others.map((one) => (now() - one.at <= silentMsMax ? one.values : one.values.filter(({ type }) => type !== 'gauge')))
    return [await values(), ...counted]
  }

  /** By a rename, so that nobody reads half a file. A disk that refuses costs the others this process's newest counts. */
  #write(): Promise<void> {
    const { directory, bootId, values, now } = this.#options
    const write = async () => {
      const path = join(directory, `${bootId}${ending}`)
      const snapshot: Snapshot = { bootId, run: this.#run, at: now(), values: await values() }
      try {
        await mkdir(directory, { recursive: true })
        await writeFile(`${path}.tmp`, JSON.stringify(snapshot))
        await rename(`${path}.tmp`, path)
      } catch {
        // health says that the disk is full; the next turn tries again
      }
    }
    this.#writing ??= write().finally(() => {
      this.#writing = null
    })
    return this.#writing
  }

  async #read(): Promise<Snapshot[]> {
    const { directory } = this.#options
    const names = await readdir(directory).catch(() => [])
    const found = await Promise.all(names.filter((name) => name.endsWith(ending)).map((name) => readSnapshot(join(directory, name))))
    return found.filter((one) => one !== null)
  }

  /** Removes what other starts left, and the oldest of those that ended. */
  async #sweep(): Promise<void> {
    const { directory, now } = this.#options
    const silent = (await this.#read()).filter(({ at }) => now() - at > silentMsMax).sort((a, b) => b.at - a.at)
    const kept = silent.filter(({ run }) => run === this.#run).slice(0, endedMax)
    for (const one of silent) if (!kept.includes(one)) await rm(join(directory, `${one.bootId}${ending}`), { force: true }).catch(() => {})
  }
}

async function readSnapshot(path: string): Promise<Snapshot | null> {
  try {
    const snapshot: Snapshot = await Bun.file(path).json()
    return typeof snapshot.at === 'number' && Array.isArray(snapshot.values) ? snapshot : null
  } catch {
    return null
  }
}

/** The sum of counts and histograms; of gauges what their aggregator says. */
export const addUp = (all: MetricValues[]): Promise<string> => AggregatorRegistry.aggregate(all).metrics()
