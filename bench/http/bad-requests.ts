/**
 * What does a live server answer to bad requests? Sends the table of tests/http/bad-requests.ts over raw sockets and prints
 * request → status, code. Exit code 1 when a row differs from the table, an answer repeats what was sent, or the server is gone.
 *
 *     bun bench/http/bad-requests.ts --url http://127.0.0.1:8080 [--key KEY] [--json]
 *
 * The key (or ROUTEWRIGHT_KEY) needs all scopes: without one everything is refused as not authenticated.
 */
import { parseArgs } from 'node:util'
import { badRequests, canary, send } from '../../tests/http/bad-requests'

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    key: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const url = new URL(values.url)
const rows = []
for (const request of badRequests) {
  const { status, code, text, headers, ms } = await send(url, request, { key: values.key ?? process.env.ROUTEWRIGHT_KEY })
  const asExpected = status === request.status && code === request.code
  rows.push({ request: request.name, status, code, ms: Math.round(ms * 10) / 10, asExpected, repeats: (headers + text).includes(canary) })
}
const alive = await fetch(new URL('/livez', url)).then((response) => response.ok)
const bad = rows.filter(({ asExpected, repeats }) => !asExpected || repeats)
if (values.json) console.log(JSON.stringify({ rows, alive }))
else {
  for (const { request, status, code, ms, asExpected, repeats } of rows) {
    const remark = `${asExpected ? '' : '  ← not as the table says'}${repeats ? '  ← repeats what was sent' : ''}`
    console.log(`${request.padEnd(36)} ${status}  ${(code ?? '(refused by the runtime)').padEnd(26)} ${String(ms).padStart(6)} ms${remark}`)
  }
  console.log(`\n${rows.length} requests, ${rows.length - bad.length} as the table says; the server is ${alive ? 'alive' : 'gone'}`)
}
process.exit(bad.length === 0 && alive ? 0 : 1)
