/** A problem as an answer that costs next to nothing: for requests that are refused before any of the framework's work. */
import { type ProblemCode, problemCodes } from '../contract/problem'
import { requestIdOf, securityHeaders } from './request-guard'

const headers = { ...securityHeaders, 'content-type': 'application/json', 'cache-control': 'no-store' }

/** @param message a sentence without quotes or control characters */
export function refusal(request: Request, code: ProblemCode, message: string): Response {
  const requestId = requestIdOf(request)
  const { status } = problemCodes[code]
  return new Response(`{"code":"${code}","message":"${message}","requestId":"${requestId}"}`, {
    status,
    headers: { ...headers, 'x-request-id': requestId, 'retry-after': '1' },
  })
}
