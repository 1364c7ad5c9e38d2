/** Who may read what the health says of the parts: admins, keys that may read, and whoever sits at this machine itself. Others learn the status. */
import type { Authenticate } from './access'
import type { ClientOf } from './client'

export type MayReadDetails = (request: Request) => Promise<boolean>

/** A proxy on this machine must not lend its place to its clients: any header of one, and the request is not from here. */
const proxyHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip', 'via', 'x-forwarded-host', 'x-forwarded-proto']
const loopback = /^(127\.\d+\.\d+\.\d+|::1)$/

export const detailsAccess =
  (authenticate: Authenticate, clientOf: ClientOf): MayReadDetails =>
  async (request) => {
    const { address, forwarded } = clientOf(request)
    if (!forwarded && loopback.test(address) && !proxyHeaders.some((name) => request.headers.has(name))) return true
    try {
      const user = await authenticate(request)
      if (user === null) return false
      return user.kind === 'key' ? user.scopes.includes('read') : user.role === 'admin'
    } catch {
      // the health must answer when nobody can be asked who this is
      return false
    }
  }
