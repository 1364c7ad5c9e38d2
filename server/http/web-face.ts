/** What routes for browsers need of the connection: whose it is, and its cookies. */
import type { ClientOf } from './client'
import type { Cookies } from './cookies'

export interface WebFace {
  clientOf: ClientOf
  cookies: Cookies
}

/** From where a request comes, as the audit and the throttle know it. */
export const originOf = ({ clientOf, cookies }: WebFace, request: Request, requestId: string) => ({
  address: clientOf(request).address,
  userAgent: request.headers.get('user-agent') ?? '',
  device: cookies.read(request, 'device'),
  requestId: requestId === '' ? null : requestId,
})
