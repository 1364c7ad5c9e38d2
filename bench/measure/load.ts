/** Load on a server from one other process that lives as long as the bench: see load-client.ts. */
import { join } from 'node:path'

export interface LoadOrder {
  origin: string
  path: string
  /** Besides those that every request has. */
  headers: Record<string, string>
  /** File of bodies, one JSON document a line; sent in turn, round and round. */
  bodiesPath: string
  /** Line of the first body, so that a second order goes on where the first one ended. */
  first: number
  connections: number
  warmUpSeconds: number
  seconds: number
}
export interface LoadResult {
  /** Of answers with status 200 that began after the warm-up and ended in time. */
  latenciesMs: Float64Array
  seconds: number
  /** Reason → count. */
  failures: Record<string, number>
  /** Of the answers, heads included. */
  bytes: number
  next: number
  /** Of the sender, for each request that it sent, ms. */
  senderMs: number
}

export interface LoadGenerator {
  run(order: LoadOrder): Promise<LoadResult>
  stop(): Promise<void>
}

export function startLoadGenerator(): LoadGenerator {
  let settle: { resolve: (result: LoadResult) => void; reject: (error: Error) => void } | null = null
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'load-client.ts')], {
    stdio: ['ignore', 'inherit', 'inherit'],
    serialization: 'advanced',
    ipc: (message: LoadResult | { problem: string }) => {
      if ('problem' in message) settle?.reject(new Error(message.problem))
      else settle?.resolve(message)
    },
    onExit: (_child, code) => settle?.reject(new Error(`the load generator ended with ${code}`)),
  })
  return {
    run: (order) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject }
        child.send(order)
      }),
    stop: async () => {
      settle = null
      child.disconnect()
      await child.exited
    },
  }
}
