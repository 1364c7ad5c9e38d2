/** Sends an answer whose text is made already, with the headers that say where it comes from, and notes it for the log. */
import type { AnswerOrigin } from '../domain/json-answer'
import { notesOf } from './request-notes'

export const answerHeaders = ({ version, epoch, configRev, cache }: AnswerOrigin) => ({
  'content-type': 'application/json; charset=utf-8',
  'x-model-version': version,
  'x-model-epoch': String(epoch),
  'x-config-rev': String(configRev),
  ...(cache === null ? {} : { 'x-cache': cache }),
})

/**
 * `headers`: with those of the answer among them. The document is copied: the next answer may be written into the same bytes. Typed as
 * what it says, which is what a client gets.
 */
export function answerResponse<Sent = Response>(
  request: Request,
  answer: AnswerOrigin,
  document: Uint8Array<ArrayBuffer>,
  headers: HeadersInit = answerHeaders(answer),
): Sent {
  note(request, answer, document.byteLength)
  return new Response(document, { headers }) as Sent
}

function note(request: Request, { cache, version, epoch, configRev, efSearch, k, timingsMs }: AnswerOrigin, bytesOut: number): void {
  const own = notesOf(request)
  Object.assign(own, { cache: cache ?? undefined, version, epoch, configRevision: configRev, efSearch, k, bytesOut })
  // What was kept was not made now: its stages are another request's.
  if (cache === 'hit') return
  const { total: _total, ...stages } = timingsMs
  Object.assign(own.stages, stages)
}
