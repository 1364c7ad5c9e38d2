/** A prediction as it goes out: JSON that is made once, around which each answer has a number and stage times of its own. */
import type { Prediction } from '../contract/predict'

/** What is the same whenever the same is asked. */
export interface AnswerBody {
  version: string
  epoch: number
  configRev: number
  efSearch: number
  /** Fields of the prediction without `id` and `timingsMs`, as UTF-8, without the braces. */
  fields: Uint8Array
}

export interface JsonAnswer extends AnswerBody {
  id: string
  timingsMs: Prediction['timingsMs']
  /** bypass: nothing is kept. */
  cache: 'hit' | 'miss' | 'bypass'
}

export function answerBody({ id: _id, timingsMs: _timings, ...rest }: Prediction): AnswerBody {
  const { version, epoch, configRev, efSearch } = rest
  return { version, epoch, configRev, efSearch, fields: Buffer.from(JSON.stringify(rest).slice(1, -1)) }
}

export const jsonAnswer = (prediction: Prediction, cache: JsonAnswer['cache'] = 'bypass'): JsonAnswer => ({
  ...answerBody(prediction),
  id: prediction.id,
  timingsMs: prediction.timingsMs,
  cache,
})

/** The whole document, in parts and bytes. */
export function answerParts({ id, fields, timingsMs }: JsonAnswer): { parts: (string | Uint8Array<ArrayBuffer>)[]; bytes: number } {
  const head = `{"id":${JSON.stringify(id)},`
  const tail = `,"timingsMs":${JSON.stringify(timingsMs)}}`
  return {
    parts: [head, fields as Uint8Array<ArrayBuffer>, tail],
    bytes: Buffer.byteLength(head) + fields.byteLength + tail.length,
  }
}
