/** Notes what a prediction says of its own making: the stages, the breadth of the search, how many neighbours. */
import { Elysia } from 'elysia'
import { limits } from '../contract/limits'
import { notesOf } from './request-notes'

interface Told {
  efSearch?: unknown
  configRev?: unknown
  timingsMs?: Record<string, number>
}

export const answerNotes = () =>
  new Elysia({ name: 'answer-notes' }).onAfterHandle({ as: 'scoped' }, ({ request, body, responseValue }) => {
    const { efSearch, configRev, timingsMs } = (responseValue ?? {}) as Told
    const own = notesOf(request)
    if (typeof configRev === 'number') own.configRevision = configRev
    if (typeof efSearch !== 'number') return
    own.efSearch = efSearch
    own.k = (body as { topK?: number } | undefined)?.topK ?? limits.topKDefault
    // What came from the cache was not made now: its stages are another request's.
    if (timingsMs === undefined || own.cache === 'hit' || own.cache === 'coalesced') return
    for (const stage in timingsMs) if (stage !== 'total') own.stages[stage] = timingsMs[stage]
  })
