/** Bodies that are JSON, or bytes that the route reads itself. */
import { DomainError } from '../domain/error'
import { checkBodyHeaders, jsonBody } from './json-body'
import { bodyBytes } from './request-body'

const bytesType = 'application/octet-stream'

/** Bytes are parsed as an empty object; the route finds them by `readBytes`. Their length must be known. Throws as `jsonBody`. */
export const bytesOrJsonBody = (bytesMax: number) => {
  const [readJson, json] = jsonBody(bytesMax)
  return [
    async (context: { request: Request }): Promise<object> => {
      const { request } = context
      if (request.headers.get('content-type') !== bytesType) return (readJson as Exclude<typeof readJson, string>)(context)
      checkBodyHeaders(request, bytesMax, [bytesType])
      if (!request.headers.has('content-length')) throw new DomainError('bad_request', 'the length of the bytes must be declared')
      await bodyBytes(request)
      return {}
    },
    json,
  ]
}
