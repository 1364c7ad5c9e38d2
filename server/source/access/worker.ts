/** The worker of an Access source: reads on its own thread, because mdb-reader holds the thread and the file's bytes. */
import { DomainError } from '../../domain/error'
import type { Cell } from '../source'
import { type AccessFile, openAccessFile } from './file'
import type { Request, Response, Result } from './protocol'

declare const self: Worker

let file: AccessFile | null = null
const streams = new Map<number, Generator<Record<string, Cell>>>()

self.onmessage = async ({ data: request }: MessageEvent<Request>) => {
  try {
    const { result, transfer } = await answer(request)
    self.postMessage({ id: request.id, result } satisfies Response, transfer)
  } catch (error) {
    const problem =
      error instanceof DomainError
        ? { code: error.code, message: error.message }
        : { code: 'source_unreadable' as const, message: 'The Access file cannot be read' }
    self.postMessage({ id: request.id, problem } satisfies Response)
  }
}

async function answer(request: Request): Promise<{ result: Result; transfer: ArrayBuffer[] }> {
  if (request.kind === 'open') {
    file = openAccessFile(request.path, request.password)
    return plain({ kind: 'opened', tables: file.tables })
  }
  if (request.kind === 'rows') {
    streams.set(request.id, file!.rows(request.table, request.columns))
    return plain({ kind: 'streaming' })
  }
  if (request.kind === 'next') return plain(nextBatch(request.stream, request.rowsMax))
  if (request.kind === 'stop') {
    streams.delete(request.stream)
    return plain({ kind: 'stopped' })
  }
  const frame = await file!.frame(request.table, request.columns, request.rowsMax)
  const transfer = [...frame.columns.values()].map(
    (column) => (column.kind === 'text' ? column.codes : column.values).buffer as ArrayBuffer,
  )
  return { result: { kind: 'frame', frame }, transfer }
}

function plain(result: Result): { result: Result; transfer: ArrayBuffer[] } {
  return { result, transfer: [] }
}

function nextBatch(stream: number, rowsMax: number): Result {
  const rows: Record<string, Cell>[] = []
  const generator = streams.get(stream)
  while (generator && rows.length < rowsMax) {
    const next = generator.next()
    if (next.done) {
      streams.delete(stream)
      return { kind: 'batch', rows, last: true }
    }
    rows.push(next.value)
  }
  return { kind: 'batch', rows, last: false }
}
