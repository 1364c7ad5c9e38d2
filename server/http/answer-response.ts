/** Sends a prediction whose text is made already, with the headers that say where it comes from. */
import { answerParts, type JsonAnswer } from '../domain/json-answer'

/** Typed as the document that it sends, which is what a client gets. */
export function answerResponse<Sent>(answer: JsonAnswer): Sent {
  const { parts } = answerParts(answer)
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
