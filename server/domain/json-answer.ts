/**
 * A prediction as it goes out: JSON that is made once, with room for what each answer has of its own, its number and its stage times.
 * Both are written into their places the moment an answer is sent, so an answer that is given again costs one copy of its bytes.
 */
import type { Prediction } from '../contract/predict'

/** What the headers and the log say of an answer whose text is made. */
export interface AnswerOrigin {
  version: string
  epoch: number
  configRev: number
  efSearch: number
  /** Neighbours that were asked for; left open it is as the configuration says. */
  k: number | undefined
  /** Stages and `total`. */
  timingsMs: Record<string, number>
  /** bypass: nothing is kept; null: such answers never are. */
  cache: 'hit' | 'miss' | 'bypass' | null
}

/** A search by vector, as it goes out. */
export interface VectorSearchAnswer extends AnswerOrigin {
  /** Good until the next search: whoever takes it makes a copy at once. */
  document: Uint8Array<ArrayBuffer>
}

/** What is the same whenever the same is asked. */
export interface AnswerBody extends Omit<AnswerOrigin, 'timingsMs' | 'cache'> {
  /** Fields of the prediction without `id` and `timingsMs`, as UTF-8, without the braces: a view of the document that they are part of. */
  fields: Uint8Array
}

export interface JsonAnswer extends AnswerBody {
  id: string
  timingsMs: Prediction['timingsMs']
  cache: NonNullable<AnswerOrigin['cache']>
}

/** `{"id":"` and a number of the usual length with what follows it, `",`. */
const idAt = 7
const idCharacters = 36
const fieldsAt = idAt + idCharacters + 2
/** Five times with their names take 137 bytes when each has as many digits as a double can have. */
const tailBytesMax = 224
const comma = 0x2c

export function answerBody({ id: _id, timingsMs: _timings, ...rest }: Prediction, k?: number): AnswerBody {
  const { version, epoch, configRev, efSearch } = rest
  const text = JSON.stringify(rest)
  const bytes = Buffer.byteLength(text)
  // a buffer of its own: what lies before and behind the fields is written with each answer
  const room = Buffer.allocUnsafeSlow(fieldsAt - 1 + bytes + tailBytesMax)
  room.write('{"id":"', 0, 'latin1')
  room.write(text, fieldsAt - 1)
  // in place of the brace
  room[fieldsAt - 1] = comma
  return { version, epoch, configRev, efSearch, k, fields: room.subarray(fieldsAt, fieldsAt - 2 + bytes) }
}

export const jsonAnswer = (prediction: Prediction, cache: JsonAnswer['cache'] = 'bypass', k?: number): JsonAnswer => ({
  ...answerBody(prediction, k),
  id: prediction.id,
  timingsMs: prediction.timingsMs,
  cache,
})

/**
 * The whole document. The bytes are good until the next call for the same body: whoever takes them makes a copy at once, as a
 * `Response` does (https://fetch.spec.whatwg.org/#concept-bodyinit-extract).
 */
export function answerDocument({ id, fields, timingsMs }: JsonAnswer): Uint8Array<ArrayBuffer> {
  const tail = `,"timingsMs":${JSON.stringify(timingsMs)}}`
  if (!isPlainId(id) || tail.length > tailBytesMax)
    return Buffer.concat([Buffer.from(`{"id":${JSON.stringify(id)},`), fields, Buffer.from(tail)])
  const room = Buffer.from(fields.buffer as ArrayBuffer, fields.byteOffset - fieldsAt, fieldsAt + fields.byteLength + tailBytesMax)
  room.write(`${id}"`, idAt, 'latin1')
  const end = fieldsAt + fields.byteLength
  return room.subarray(0, end + room.write(tail, end, 'latin1'))
}

/** The numbers that we make: 36 characters that JSON writes as they are. */
const isPlainId = (id: string): boolean => id.length === idCharacters && /^[\w-]+$/.test(id)
