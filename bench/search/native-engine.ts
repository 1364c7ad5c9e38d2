/**
 * An engine of the search bench that is called from Bun: ours, or usearch as its npm package comes. Speaks as vector_search.py.
 *
 *     native-engine.ts build|serve LIBRARY INPUT
 */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import usearch from 'usearch'
import { type AllowedKeys, AnnIndex, buildIndex, IMAGE_FILE, INDEX_FILE } from '../../server/engine/ann-index'
import type { Asked, EngineOrder, Memory } from './engine-process'
import { readF32 } from './vector-files'

interface Engine {
  /** One query's keys. */
  single(query: Float32Array, asked: Asked): ArrayLike<number | bigint>
  /** All queries' keys, k each. */
  batch(queries: Float32Array, asked: Asked): Promise<ArrayLike<number | bigint>>
  /** Queries of this pass that looked at every allowed vector. */
  scanned?(): number
  /** Before a pass. */
  widen(asked: Asked): void
}

const [task, library, text] = Bun.argv.slice(2)
const order = JSON.parse(text) as EngineOrder
const { dimensions } = order
const say = (answer: object) => void process.stdout.write(`${JSON.stringify(answer)}\n`)
const packed = (values: Uint32Array | Float64Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')

async function buildOwn(): Promise<void> {
  const { connectivity, expansionAdd, threads, path: directory } = order
  mkdirSync(directory, { recursive: true })
  const blocks = order.kind === 'blocks'
  const built = await buildIndex({ path: order.basePath }, { dimensions, directory, connectivity, expansionAdd, threads, blocks })
  say({ buildSeconds: built.seconds, cpuSeconds: cpuSeconds(), peakBytes: statusBytes('VmHWM'), heldBytes: built.memoryBytes })
  say({ saved: true })
}

function openOwn(): Engine {
  const files = { imagePath: join(order.path, IMAGE_FILE), indexPath: join(order.path, INDEX_FILE), vectorsPath: order.basePath }
  const index = AnnIndex.open({ ...files, dimensions, count: order.count })
  let allowed: AllowedKeys | undefined
  let scanned = 0
  return {
    widen: ({ allowed: path }) => {
      scanned = 0
      allowed = path === undefined ? undefined : readBits(path)
    },
    single: (query, { k, ef, way }) => {
      if (way === 'exact') return index.exact(query, { k, allowed }).keys
      if (allowed === undefined) return index.search(query, { k, ef }).keys
      const found = index.search(query, { k, ef, allowed })
      if (found.scanned) scanned++
      return found.keys
    },
    scanned: () => scanned,
    batch: async (queries, { k, ef, threads }) => (await index.searchBatch(queries, { k, ef, threads })).keys,
  }
}

/** Its expansion is fixed when an index is made. */
const usearchOptions = (ef: number) => ({
  dimensions,
  metric: usearch.MetricKind.IP,
  quantization: order.kind === 'f32' ? usearch.ScalarKind.F32 : usearch.ScalarKind.BF16,
  connectivity: order.connectivity,
  expansion_add: order.expansionAdd,
  expansion_search: ef,
  multi: false,
})

async function buildUsearch(): Promise<void> {
  const base = readF32(order.basePath)
  const start = performance.now()
  const index = new usearch.Index(usearchOptions(64))
  index.add(BigUint64Array.from({ length: order.count }, (_, key) => BigInt(key)), base, order.threads) // biome-ignore format: one call
  say({ buildSeconds: (performance.now() - start) / 1000, cpuSeconds: cpuSeconds(), peakBytes: statusBytes('VmHWM') })
  index.save(order.path)
  say({ saved: true })
}

function openUsearch(): Engine {
  const open = (ef: number) => {
    const index = new usearch.Index(usearchOptions(ef))
    index.load(order.path)
    return { ef, index }
  }
  let opened = open(64)
  return {
    widen: ({ ef }) => {
      if (opened.ef !== ef) opened = open(ef)
    },
    single: (query, { k }) => opened.index.search(query, k, 1).keys,
    batch: async (queries, { k, threads }) => (opened.index.search(queries, k, threads) as { keys: BigUint64Array }).keys,
  }
}

async function serve(open: () => Engine): Promise<void> {
  const queries = readF32(order.queriesPath)
  const count = queries.length / dimensions
  const empty = memory()
  const start = performance.now()
  const engine = open()
  const openSeconds = (performance.now() - start) / 1000
  say({ openSeconds, empty, opened: memory(), batches: true })
  for await (const line of createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line) as Asked
    const { k, way } = asked
    // what an engine finds too little of stays a key that no vector has
    const keys = new Uint32Array(count * k).fill(0xffffffff)
    const micros = new Float64Array(count)
    engine.widen(asked)
    const cpu = process.cpuUsage()
    const begun = performance.now()
    if (way === 'batch') copyKeys(await engine.batch(queries, asked), keys, 0)
    else {
      for (let at = 0; at < count; at++) {
        const query = queries.subarray(at * dimensions, (at + 1) * dimensions)
        const before = performance.now()
        const found = engine.single(query, asked)
        micros[at] = (performance.now() - before) * 1000
        copyKeys(found, keys, at * k)
      }
    }
    const wallMicros = (performance.now() - begun) * 1000
    const { user, system } = process.cpuUsage(cpu)
    const times = { cpuMicros: user + system, wallMicros, micros: way === 'batch' ? null : packed(micros) }
    Bun.gc(true)
    say({ keys: packed(keys), ...times, memory: memory(), scanned: engine.scanned?.() })
  }
  process.exit(0)
}

function copyKeys(found: ArrayLike<number | bigint>, keys: Uint32Array, start: number): void {
  for (let i = 0; i < found.length; i++) keys[start + i] = Number(found[i])
}

function readBits(path: string): AllowedKeys {
  const bytes = readFileSync(path)
  return new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}

function memory(): Memory {
  const text = readFileSync('/proc/self/smaps_rollup', 'utf8')
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024
  return { resident: bytes('Rss'), anonymous: bytes('Anonymous') }
}

/** Of the whole process so far. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

function statusBytes(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))
  return Number(line?.[1]) * 1024
}

try {
  if (task === 'build') await (library === 'routewright' ? buildOwn() : buildUsearch())
  else await serve(library === 'routewright' ? openOwn : openUsearch)
} catch (error) {
  // its last words are what the bench says of it
  process.stderr.write(`${(error as Error).message}\n`)
  process.exit(1)
}
