/** Sends a prediction whose text is made already, with the headers that say where it comes from, and notes it for the log. */
import { answerDocument, type JsonAnswer } from '../domain/json-answer'
import { notesOf } from './request-notes'

export const answerHeaders = ({ version, epoch, configRev, cache }: JsonAnswer) => ({
  'content-type': 'application/json; charset=utf-8',
  'x-model-version': version,
  'x-model-epoch': String(epoch),
  'x-config-rev': String(configRev),
  'x-cache': cache,
})

/** `headers`: with those of the answer among them. Typed as the document that it sends, which is what a client gets. */
export function answerResponse<Sent = Response>(request: Request, answer: JsonAnswer, headers: HeadersInit = answerHeaders(answer)): Sent {
  const document = answerDocument(answer)
  note(request, answer, document.byteLength)
  // copies the document: the next answer writes into the same bytes
  return new Response(document, { headers }) as Sent
}

function note(request: Request, { cache, version, epoch, configRev, efSearch, k, timingsMs }: JsonAnswer, bytesOut: number): void {
  const own = notesOf(request)
  Object.assign(own, { cache, version, epoch, configRevision: configRev, efSearch, k, bytesOut })
  // What was kept was not made now: its stages are another request's.
  if (cache === 'hit') return
  const { total: _total, ...stages } = timingsMs
  Object.assign(own.stages, stages)
}
