/** The real app over given services, served on a free port; what it logs is kept. */
import { type AppServices, createApp } from '../../server/app'
import type { AccessRecord } from '../../server/http/access-log'
import { serveApp } from '../../server/http/server'
import { createSite } from '../../server/http/site'
import { sampleServices } from './sample-services'

export function startApp(services: Partial<AppServices> = {}, { siteDirectory = '/nonexistent' } = {}) {
  const records: AccessRecord[] = []
  const failures: { error: unknown; requestId: string }[] = []
  const app = createApp({
    services: sampleServices(services),
    authenticate: () => null,
    site: createSite(siteDirectory),
    writeAccess: (record) => records.push(record),
    report: (error, requestId) => failures.push({ error, requestId }),
  })
  const server = serveApp(app, { port: 0, host: '127.0.0.1' })
  const call = (path: string, init?: RequestInit) => fetch(new URL(path, server.url), init)
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    call(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } })
  return { app, server, url: server.url, call, post, records, failures, stop: () => server.stop(true) }
}
