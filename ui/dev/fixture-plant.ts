/** Development only: `vite` without a server answers the API from the test fixtures. A build never contains it. */
import type { IncomingMessage } from 'node:http'
import type { Plugin } from 'vite'
import { answer } from '../../tests/ui/fixtures/answer.ts'

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

export function fixturePlant(): Plugin {
  return {
    name: 'routewright:fixture-plant',
    apply: 'serve',
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        if (!/^\/(api|health|readyz|livez)/.test(request.url ?? '')) return next()
        const { method, headers } = request
        const body = method === 'GET' ? undefined : await bodyOf(request)
        const found = await answer(
          new Request(`http://localhost${request.url}`, { method, body, headers: headers as Record<string, string> }),
        )
        if (!found) return next()
        response.writeHead(found.status, { ...Object.fromEntries(found.headers), 'cache-control': 'no-store' }).end(await found.text())
      })
    },
  }
}
