/** Access databases (.mdb, .accdb) as a source. No ODBC driver: mdb-reader in a worker, pulled batch by batch. */
import { DomainError } from '../../domain/error'
import type { Cell, OpenOptions, ReadRowsOptions, Source, TableInfo } from '../source'
import { checkColumns, checkTable } from '../table'
import type { Request, Response, Result } from './protocol'

const rowsPerBatch = 2_000
const fileBytesMax = 2 * 1024 * 1024 * 1024

type Question = Request extends infer R ? (R extends { id: number } ? Omit<R, 'id'> : never) : never

/** Opens an Access file. Throws `source_password`, `source_unsupported`, `source_unreadable`. */
export async function openAccess(path: string, options: OpenOptions): Promise<Source> {
  if (Bun.file(path).size >= fileBytesMax) throw new DomainError('source_unsupported', 'An Access file may have 2 GB')
  const worker = startWorker()
  const opened = await worker.ask({ kind: 'open', path, password: options.password }, 'opened').catch((error) => {
    worker.stop()
    throw error
  })
  const { tables } = opened
  const chosen = (name: string, columns: string[] | undefined): string[] => {
    checkTable(
      name,
      tables.map((table) => table.name),
    )
    return readableColumns(tables.find((table) => table.name === name)!, columns)
  }
  return {
    kind: 'access',
    path,
    async tables() {
      return tables
    },
    async *readRows(name, { columns, limit = Number.POSITIVE_INFINITY }: ReadRowsOptions = {}): AsyncGenerator<Record<string, Cell>> {
      const { id: stream } = await worker.open({ kind: 'rows', table: name, columns: chosen(name, columns) })
      let left = limit
      try {
        while (left > 0) {
          const batch = await worker.ask({ kind: 'next', stream, rowsMax: Math.min(rowsPerBatch, left) }, 'batch')
          yield* batch.rows
          left = batch.last ? 0 : left - batch.rows.length
        }
      } finally {
        await worker.ask({ kind: 'stop', stream }, 'stopped')
      }
    },
    async readColumns(name, columns, { rowsMax } = {}) {
      return (await worker.ask({ kind: 'frame', table: name, columns: chosen(name, columns), rowsMax }, 'frame')).frame
    },
    async close() {
      worker.stop()
    },
  }
}

/** The wanted columns, all readable ones when none are named. Throws `source_unsupported` with the reason for any other. */
function readableColumns(table: TableInfo, wanted: string[] | undefined): string[] {
  if (table.unreadable) throw new DomainError('source_unsupported', `Table ${table.name} cannot be read: ${table.unreadable}`)
  const names = table.columns.map((column) => column.name)
  const chosen = checkColumns(table.name, names, wanted).map((index) => table.columns[index])
  if (!wanted) return chosen.filter((column) => !column.unreadable).map((column) => column.name)
  const refused = chosen.filter((column) => column.unreadable)
  if (refused.length > 0) {
    throw new DomainError(
      'source_unsupported',
      `Column ${refused[0].name} of table ${table.name} cannot be read: ${refused[0].unreadable}`,
      {
        details: refused.slice(0, 50).map((column) => ({ path: column.name, message: column.unreadable! })),
      },
    )
  }
  return chosen.map((column) => column.name)
}

/** A worker and the questions it has not answered yet. */
function startWorker() {
  // The DOM's type of Worker hides what Bun's has.
  const worker = new Worker(new URL('./worker.ts', import.meta.url).href) as Worker & { ref(): void; unref(): void }
  const waiting = new Map<number, { resolve: (result: Result) => void; reject: (error: Error) => void }>()
  let asked = 0
  const fail = (cause: unknown) => {
    for (const { reject } of waiting.values()) reject(new DomainError('source_unreadable', 'The Access file cannot be read', { cause }))
    waiting.clear()
  }
  worker.onmessage = ({ data }: MessageEvent<Response>) => {
    const question = waiting.get(data.id)
    waiting.delete(data.id)
    if (waiting.size === 0) worker.unref()
    if ('problem' in data) question?.reject(new DomainError(data.problem.code, data.problem.message))
    else question?.resolve(data.result)
  }
  worker.onerror = (event) => fail(event.message)
  const send = (question: Question): { id: number; result: Promise<Result> } => {
    const id = ++asked
    // The process may end while nobody waits for an answer, and must not while somebody does.
    worker.ref()
    const result = new Promise<Result>((resolve, reject) => {
      waiting.set(id, { resolve, reject })
      worker.postMessage({ ...question, id } as Request)
    })
    return { id, result }
  }
  return {
    async ask<K extends Result['kind']>(question: Question, kind: K): Promise<Extract<Result, { kind: K }>> {
      const result = await send(question).result
      if (result.kind !== kind) throw new DomainError('internal', 'The Access worker answered another question')
      return result as Extract<Result, { kind: K }>
    },
    /** Opens a stream; its id names it in the questions for batches. */
    async open(question: Question): Promise<{ id: number }> {
      const { id, result } = send(question)
      await result
      return { id }
    },
    stop() {
      worker.terminate()
      fail('closed')
    },
  }
}
