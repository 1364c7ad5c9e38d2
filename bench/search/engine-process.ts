/** An engine of the search bench in a process of its own, so that its memory and its processor time are its own; JSON lines. */
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { tail } from '../measure/program'

/** What an engine is told when it starts. */
export interface EngineOrder {
  /** Of the library's kinds of index. */
  kind: string
  basePath: string
  queriesPath: string
  dimensions: number
  count: number
  connectivity: number
  expansionAdd: number
  /** Most neighbours of a vertex, for engines that have one layer. */
  degree: number
  /** Of a code's dimension, where that can be chosen; 0: codes of one bit beside the vectors. */
  bits: number
  /** To build with. */
  threads: number
  /** File or folder of the built index. */
  path: string
}

/** One query a call, all queries in one call, or one query a call answered exhaustively. */
export type Way = 'single' | 'batch' | 'exact'
export interface Asked {
  k: number
  ef: number
  way: Way
  threads: number
  /** File of a bit a vector, row & 7 of byte row >> 3; all are allowed without it. */
  allowed?: string
}
/** Bytes of the process that are resident. */
export interface Memory {
  /** Mapped files included. */
  resident: number
  /** What only this process has: no other worker shares it, and it cannot be dropped and read again. */
  anonymous: number
}
export interface Pass {
  /** queries × k; rows of the base. */
  keys: Uint32Array
  /** Wall time of each query, unless one call took them all. */
  micros: Float64Array | null
  /** Processor time of the whole process for all queries. */
  cpuMicros: number
  wallMicros: number
  /** After it. */
  memory: Memory
  /** Ours, under a filter: queries that looked at every allowed vector. */
  scanned?: number
}
export interface ServingEngine {
  openSeconds: number
  /** Before the index was opened, and after. */
  empty: Memory
  opened: Memory
  batches: boolean
  search(order: Asked): Promise<Pass>
  close(): Promise<void>
}
export interface BuiltEngine {
  buildSeconds: number
  /** Processor time of the building process; a former run may not have kept it. */
  cpuSeconds?: number
  /** Most that was resident, mapped files included. */
  peakBytes: number
  /** Ours: most that was held beside mapped files. */
  heldBytes?: number
}

/** @param command interpreter and script; throws with the engine's last words */
export async function buildEngine(command: string[], order: EngineOrder): Promise<BuiltEngine> {
  const engine = start([...command.slice(0, 2), 'build', ...command.slice(2), JSON.stringify(order)])
  try {
    const built = (await engine.answer()) as BuiltEngine
    await engine.answer()
    return built
  } finally {
    await engine.close()
  }
}

export async function serveEngine(command: string[], order: EngineOrder): Promise<ServingEngine> {
  const engine = start([...command.slice(0, 2), 'serve', ...command.slice(2), JSON.stringify(order)])
  const opened = (await engine.answer()) as Omit<ServingEngine, 'search' | 'close'>
  return {
    ...opened,
    search: async (asked) => {
      const { keys, micros, ...rest } = (await engine.answer(asked)) as Record<string, string> & Pick<Pass, 'cpuMicros'>
      const found = new Uint32Array(decoded(keys as unknown as string))
      return { ...(rest as unknown as Pass), keys: found, micros: micros === null ? null : new Float64Array(decoded(micros)) }
    },
    close: engine.close,
  }
}

function start(command: string[]) {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: '1' }
  const child = Bun.spawn(command, { env, stdin: 'pipe', stdout: 'pipe', stderr: 'pipe' })
  const words = tail(child.stderr)
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })[Symbol.asyncIterator]()
  const answer = async (asked?: object): Promise<unknown> => {
    if (asked !== undefined) {
      child.stdin.write(`${JSON.stringify(asked)}\n`)
      await child.stdin.flush()
    }
    const { value, done } = await lines.next()
    if (!done) return JSON.parse(value)
    throw new Error(words().split('\n').at(-1) || `ended with ${await child.exited} and said nothing`)
  }
  const close = async () => {
    await child.stdin.end()
    await child.exited
  }
  return { answer, close }
}

/** A buffer of its own, so that it is aligned for any kind of number. */
const decoded = (text: string): ArrayBuffer => Uint8Array.from(Buffer.from(text, 'base64')).buffer
