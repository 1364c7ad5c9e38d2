/** The real app over given services, served on a free port; what it logs is kept. */
import { type AppServices, createApp } from '../../server/app'
import type { Authenticate, Principal } from '../../server/http/access'
import type { AccessRecord } from '../../server/http/access-log'
import { Admission } from '../../server/http/admission'
import { createClients } from '../../server/http/client'
import { createCookies } from '../../server/http/cookies'
import { EventStreams } from '../../server/http/event-stream'
import { createFastLane } from '../../server/http/fast-lane'
import { serveApp } from '../../server/http/server'
import { createSite } from '../../server/http/site'
import { sampleServices } from './sample-services'

/** Who asks where a test does not say. */
export const sampleAdmin: Principal = {
  kind: 'person',
  id: 1,
  name: 'kim',
  role: 'admin',
  scopes: [],
  session: 'session-of-kim-00000',
  mustChangePassword: false,
}

export function startApp(
  services: Partial<AppServices> = {},
  {
    siteDirectory = '/nonexistent',
    authenticate = () => sampleAdmin,
    admission = new Admission(),
    trustedProxies = [],
    plainAllowed = true,
    streams = new EventStreams({ authenticate }),
    shortWay = true,
    isStopping = () => false,
  }: {
    siteDirectory?: string
    authenticate?: Authenticate
    admission?: Admission
    trustedProxies?: string[]
    /** Cookies without TLS. */
    plainAllowed?: boolean
    streams?: EventStreams
    /** Kept answers are given before the framework, as in the product. */
    shortWay?: boolean
    isStopping?: () => boolean
  } = {},
) {
  const clients = createClients(trustedProxies)
  const cookies = createCookies({ clientOf: clients.of, plainAllowed })
  const records: AccessRecord[] = []
  const failures: { error: unknown; requestId: string }[] = []
  const writeAccess = (record: AccessRecord) => void records.push(record)
  const all = sampleServices(services)
  const app = createApp({
    services: all,
    authenticate,
    web: { clientOf: clients.of, cookies },
    admission,
    streams,
    site: createSite(siteDirectory),
    writeAccess,
    report: (error, requestId) => failures.push({ error, requestId }),
  })
  const { repeat, searchVector: search } = all
  const fastLane = shortWay ? createFastLane({ authenticate, clientOf: clients.of, repeat, search, writeAccess, admission }) : undefined
  const server = serveApp(app, { port: 0, host: '127.0.0.1', admission, fastLane, isStopping })
  clients.listen(server)
  const call = (path: string, init?: RequestInit) => fetch(new URL(path, server.url), init)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
  return { app, server, clients, cookies, url: server.url, call, post, records, failures, stop: () => server.stop(true) }
}
