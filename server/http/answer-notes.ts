/** Notes for the log what an answer says of its own making: the stages, the breadth of the search, how many neighbours. */
import { notesOf } from './request-notes'

interface Told {
  efSearch?: unknown
  timingsMs?: Record<string, number>
}

export function noteAnswer(request: Request, body: unknown, answer: unknown): void {
  const { efSearch, timingsMs } = (answer ?? {}) as Told
  if (typeof efSearch !== 'number') return
  const own = notesOf(request)
  own.efSearch = efSearch
  // left open it is as the configuration of the line says
  own.k = (body as { topK?: number } | undefined)?.topK
  if (timingsMs === undefined) return
  const { total: _total, ...stages } = timingsMs
  Object.assign(own.stages, stages)
}
