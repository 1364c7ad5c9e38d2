import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { AccessLine } from '../../server/contract/access-line'
import type { Health } from '../../server/contract/health'
import type { Item } from '../../server/contract/item'
import { type Plant, startServer, stopLeftOver, trainTwice, until } from './live-server'

let plant: Plant
let directory: string
beforeAll(async () => {
  plant = await trainTwice()
  directory = dirname(plant.store[plant.store.indexOf('--database') + 1])
}, 300_000)
afterAll(async () => {
  await stopLeftOver()
  plant?.remove()
})

type Server = Awaited<ReturnType<typeof startServer>>
const close = { connection: 'close' }
const predict = async (server: Server, attributes: Item['attributes']) =>
  (await server.post('/api/v1/predict', { attributes }, { headers: { 'content-type': 'application/json', ...close } })).status
const attributesOf = async (server: Server): Promise<Item['attributes']> => {
  const { items } = await (await server.call('/api/v1/items?limit=1')).json()
  return (await (await server.call(`/api/v1/items/${encodeURIComponent(items[0].item)}`)).json()).attributes
}
const check = async (server: Server, name: string) =>
  ((await (await server.call('/health', { headers: close })).json()) as Health).checks[name]?.[0]
const accessLines = (from: string) =>
  readdirSync(from)
    .filter((name) => name.startsWith('access-'))
    .map((name) => ({
      name,
      lines: readFileSync(join(from, name), 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line)),
    }))

describe.if(process.platform === 'linux')('two workers', () => {
  test('answer a scrape with the sum of both, which a dead one does not lower, and leave a log each', async () => {
    const logs = join(directory, 'logs-of-two')
    const server = await startServer(plant, '--workers', '2', '--logs', logs)
    const attributes = await attributesOf(server)
    const rounds = 60
    // at once, so that each has a connection of its own and the workers share them
    const statuses = await Promise.all(Array.from({ length: rounds }, () => predict(server, attributes)))
    expect(new Set(statuses)).toEqual(new Set([200]))
    const scrape = async () => (await server.call('/metrics', { headers: close })).text()
    const counted = (text: string) =>
      Number(/^http_server_request_duration_seconds_count\{[^}]*http_route="\/api\/v1\/predict"[^}]*\} (\d+)$/m.exec(text)?.[1] ?? 0)
    // whichever of them is asked; what the other counted is two seconds old at most
    const settled = async () => (await Promise.all(Array.from({ length: 12 }, scrape))).every((text) => counted(text) === rounds)
    expect(await until(settled, 10_000)).toBe(true)
    const text = await scrape()
    expect(text).toMatch(/^routewright_model_epoch\{worker="1"\} 1$/m)
    expect(text).toMatch(/^routewright_model_epoch\{worker="2"\} 1$/m)
    expect(text).toMatch(/http_server_request_duration_seconds_bucket\{le="0.2",/)
    const bothLogged = () => {
      const files = accessLines(logs)
      return files.flatMap(({ lines }) => lines).filter(({ route }) => route === '/api/v1/predict').length === rounds
    }
    expect(await until(bothLogged, 5_000)).toBe(true)
    expect(
      accessLines(logs)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['access-1.ndjson', 'access-2.ndjson'])
    const lines = accessLines(logs).flatMap((file) => file.lines)
    expect(lines.flatMap((line) => [...Value.Errors(AccessLine, line)])).toEqual([])
    expect(lines.some(({ user_id }) => user_id === 'key:tests')).toBe(true)
    expect(JSON.stringify(lines)).not.toContain(plant.key.slice(-20))
    process.kill(lines[0].pid, 'SIGKILL')
    expect(await until(async () => counted(await scrape().catch(() => '')) === rounds, 15_000)).toBe(true)
    await Bun.sleep(11_000)
    expect(counted(await scrape())).toBe(rounds)
    expect(await server.stop()).toBe(0)
  }, 120_000)
})

test('live events reach a page, and do not keep the server from stopping', async () => {
  const server = await startServer(plant)
  const stream = await server.call('/api/v1/events')
  const reader = stream.body!.getReader()
  const decoder = new TextDecoder()
  let text = ''
  while (!text.includes('event: config')) text += decoder.decode((await reader.read()).value, { stream: true })
  expect(text).toContain(`"active":"${plant.versions[0]}"`)
  const startedAt = performance.now()
  expect(await server.stop()).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(10_000)
  await reader.cancel().catch(() => {})
}, 60_000)

test('without a log folder predictions go on, the health says so, and with the folder the lines come back', async () => {
  const parent = join(directory, 'mounted')
  mkdirSync(parent)
  const server = await startServer(plant, '--logs', join(parent, 'logs'))
  const attributes = await attributesOf(server)
  const written = () => accessLines(join(parent, 'logs')).flatMap(({ lines }) => lines).length
  expect(await until(() => written() > 0)).toBe(true)
  rmSync(parent, { recursive: true })
  expect(await predict(server, attributes)).toBe(200)
  expect(await until(async () => (await check(server, 'logs:dropped')).status === 'warn')).toBe(true)
  expect((await check(server, 'logs:dropped')).output).toContain('ENOENT')
  expect(await predict(server, attributes)).toBe(200)
  mkdirSync(parent)
  expect(await until(() => readdirSync(parent).length > 0 && written() > 0)).toBe(true)
  expect(await until(async () => (await check(server, 'logs:dropped')).status === 'pass')).toBe(true)
  await server.stop()
}, 60_000)

test('while another file lies under the name of the database nothing is written, predictions go on, and with the file all is well', async () => {
  const server = await startServer(plant)
  const attributes = await attributesOf(server)
  const database = join(directory, 'db.sqlite')
  renameSync(database, `${database}.away`)
  expect(await until(async () => (await check(server, 'db:file')).status === 'fail', 12_000)).toBe(true)
  expect(await predict(server, attributes)).toBe(200)
  expect((await server.call('/readyz')).status).toBe(200)
  renameSync(`${database}.away`, database)
  expect(await until(async () => (await check(server, 'db:file')).status === 'pass', 12_000)).toBe(true)
  await server.stop()
}, 60_000)
