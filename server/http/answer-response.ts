/** Sends a prediction whose text is made already, with the headers that say where it comes from, and notes it for the log. */
import { answerParts, type JsonAnswer } from '../domain/json-answer'
import { notesOf } from './request-notes'

/** Typed as the document that it sends, which is what a client gets. */
export function answerResponse<Sent>(request: Request, answer: JsonAnswer, { topK }: { topK?: number } = {}): Sent {
  const { parts, bytes } = answerParts(answer)
  note(request, answer, topK, bytes)
  // A blob of parts is sent as it lies: no copy of 60 kB a request.
  const response = new Response(new Blob(parts), {
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-model-version': answer.version,
      'x-model-epoch': String(answer.epoch),
      'x-config-rev': String(answer.configRev),
      'x-cache': answer.cache,
    },
  })
  return response as Sent
}

function note(
  request: Request,
  { cache, version, epoch, configRev, efSearch, timingsMs }: JsonAnswer,
  k: number | undefined,
  bytesOut: number,
): void {
  const own = notesOf(request)
  Object.assign(own, { cache, version, epoch, configRevision: configRev, efSearch, k, bytesOut })
  // What was kept was not made now: its stages are another request's.
  if (cache === 'hit') return
  const { total: _total, ...stages } = timingsMs
  Object.assign(own.stages, stages)
}
