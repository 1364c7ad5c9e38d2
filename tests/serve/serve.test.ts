import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Value } from '@sinclair/typebox/value'
import { Health } from '../../server/contract/health'
import { Form, Item, ItemList } from '../../server/contract/item'
import { Prediction, Similar } from '../../server/contract/predict'
import { TimeSummary } from '../../server/contract/time'
import { badRequests, canary, send } from '../http/bad-requests'
import { isAlive, type Plant, routewright, startServer, stopLeftOver, trainTwice, until } from './live-server'

let plant: Plant
let server: Awaited<ReturnType<typeof startServer>>
let items: string[]
/** Of one item of the first plant; the second has the same columns and other keys. */
let attributes: Item['attributes']
beforeAll(async () => {
  plant = await trainTwice()
  server = await startServer(plant)
  const list: ItemList = await (await server.call('/api/v1/items?limit=100')).json()
  items = list.items.map(({ item }) => item)
  attributes = ((await (await server.call(`/api/v1/items/${encodeURIComponent(items[0])}`)).json()) as Item).attributes
}, 300_000)
afterAll(async () => {
  await server?.stop()
  await stopLeftOver()
  plant?.remove()
})

test('says its address, version and how long the start took', () => {
  expect(server.ready).toMatchObject({ version: plant.versions[0], pid: server.child.pid })
  expect(server.ready.url).toStartWith('http://127.0.0.1:')
  expect(server.ready.readyMs).toBeGreaterThan(0)
})

describe('a live server answers as the contract says', () => {
  test('predict, by item and by its attributes', async () => {
    const byItem: Prediction = await (await server.post('/api/v1/predict', { item: items[0], ignoreOwnHistory: true })).json()
    expect(Value.Check(Prediction, byItem)).toBe(true)
    const answer = await server.post('/api/v1/predict', { attributes })
    const byAttributes: Prediction = await answer.json()
    expect(answer.status).toBe(200)
    expect(byAttributes.candidates.length).toBeGreaterThan(0)
    expect(byAttributes.neighbours[0].item).toBe(items[0])
    expect(answer.headers.get('x-model-version')).toBe(byAttributes.version)
    expect(answer.headers.get('x-model-epoch')).toBe(String(byAttributes.epoch))
  })

  const others: [string, Parameters<typeof Value.Check>[0], () => Promise<Response>][] = [
    ['similar', Similar, () => server.post('/api/v1/similar', { item: items[0] })],
    ['an item', Item, () => server.call(`/api/v1/items/${encodeURIComponent(items[0])}`)],
    ['form', Form, () => server.call('/api/v1/form')],
    ['items', ItemList, () => server.call('/api/v1/items?limit=3')],
    ['health', Health, () => server.call('/health')],
  ]
  for (const [name, schema, ask] of others) {
    test(name, async () => {
      const answer = await ask()
      expect(answer.status).toBe(200)
      expect(Value.Check(schema, await answer.json())).toBe(true)
    })
  }

  test('the times of an operation', async () => {
    const prediction: Prediction = await (await server.post('/api/v1/predict', { item: items[0] })).json()
    const { operation } = prediction.candidates[0].steps[0]
    const answer = await server.post('/api/v1/time/summary', { operation })
    expect(Value.Check(TimeSummary, await answer.json())).toBe(true)
    expect((await server.post('/api/v1/time/summary', { operation: canary })).status).toBe(404)
  })

  test('the versions, the active one and one of them', async () => {
    const list = await (await server.call('/api/v1/models')).json()
    expect(list.versions.map(({ version }: { version: string }) => version).sort()).toEqual([...plant.versions].sort())
    expect(await (await server.call('/api/v1/models/active')).json()).toMatchObject({ active: plant.versions[0], epoch: 1 })
    expect(await (await server.call(`/api/v1/models/${plant.versions[1]}`)).json()).toMatchObject({ status: 'registered' })
  })

  test('ready and alive', async () => {
    expect(await (await server.call('/readyz')).json()).toMatchObject({ ready: true, version: plant.versions[0] })
    expect((await server.call('/livez')).status).toBe(200)
  })
})

test('bad requests to a real model are refused as the table says', async () => {
  const url = new URL(server.ready.url)
  for (const request of badRequests) {
    const { status, code, headers, text } = await send(url, request, { key: plant.key })
    expect({ name: request.name, status, code }).toEqual({ name: request.name, status: request.status, code: request.code })
    expect(headers + text).not.toContain(canary)
  }
}, 120_000)

describe('while a version is switched', () => {
  test('no request fails, each is answered by one version, and the new one soon serves all', async () => {
    const [first, second] = plant.versions
    const seen = new Map<string, number>()
    const bad: unknown[] = []
    let stop = false
    const client = async () => {
      while (!stop) {
        const answer = await server.post('/api/v1/predict', { attributes })
        const { version, epoch }: Prediction = await answer.json()
        seen.set(version, (seen.get(version) ?? 0) + 1)
        const headers = [answer.headers.get('x-model-version'), Number(answer.headers.get('x-model-epoch'))]
        if (answer.status !== 200 || headers[0] !== version || headers[1] !== epoch)
          bad.push({ status: answer.status, headers, version, epoch })
      }
    }
    const clients = Array.from({ length: 8 }, client)
    const batch = server.post('/api/v1/predict/batch', { items: Array.from({ length: 1_000 }, () => ({ attributes })), candidates: 1 })
    for (const version of [second, first, second]) {
      expect(await routewright('models', 'activate', version, ...plant.store, '--json')).toMatchObject({ exitCode: 0 })
      const serves = async () => (await (await server.call('/readyz')).json()).version === version
      expect(await until(serves, 30_000)).toBe(true)
    }
    const batchVersions = new Set(
      (await (await batch).text())
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).prediction?.version),
    )
    stop = true
    await Promise.all(clients)
    expect(bad).toEqual([])
    expect([...seen.keys()].sort()).toEqual([first, second].sort())
    expect(batchVersions.size).toBe(1)
  }, 120_000)
})

test('a taken port ends the start with one line that says what to do', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  const { port } = other.address() as { port: number }
  const { stdout, stderr, exitCode } = await routewright('serve', ...plant.store, '--port', String(port), '--json')
  other.close()
  expect({ exitCode, stdout }).toEqual({ exitCode: 75, stdout: '' })
  expect(JSON.parse(stderr)).toMatchObject({ code: 'busy' })
  expect(stderr).toContain('--port')
})

test('an open address is warned about', async () => {
  const open = await startServer(plant, '--host', '0.0.0.0')
  expect(await open.stop()).toBe(0)
  expect(await new Response(open.child.stderr).text()).toContain('https only')
}, 60_000)

describe('told to stop', () => {
  const batch = (length: number) => ({ items: Array.from({ length }, () => ({ attributes })), candidates: 1 })

  test('it finishes what is under way, takes nothing new, and ends with 0', async () => {
    const own = await startServer(plant)
    const answer = await own.post('/api/v1/predict/batch', batch(1_000))
    const text = answer.text()
    own.child.kill('SIGTERM')
    await Bun.sleep(100)
    await expect(own.call('/livez', { headers: { connection: 'close' } })).rejects.toThrow()
    expect((await text).trimEnd().split('\n').length).toBe(1_000)
    expect(await own.child.exited).toBe(0)
  }, 120_000)

  test('twice, it ends at once; the same key press heard twice is one order', async () => {
    const own = await startServer(plant)
    const reader = (await own.post('/api/v1/predict/batch', batch(10_000))).body!.getReader()
    await reader.read()
    own.child.kill('SIGTERM')
    own.child.kill('SIGINT')
    await Bun.sleep(700)
    expect(own.child.exitCode).toBeNull()
    own.child.kill('SIGTERM')
    const startedAt = performance.now()
    expect(await own.child.exited).toBe(1)
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    // Held until here: a reader that nobody knows is collected, and with it the connection.
    await reader.cancel().catch(() => {})
  }, 120_000)
})

describe.if(process.platform === 'linux')('several workers', () => {
  const freePort = async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    const { port } = probe.address() as { port: number }
    await new Promise((closed) => probe.close(closed))
    return String(port)
  }
  const childrenOf = async (pid: number) =>
    (await Bun.file(`/proc/${pid}/task/${pid}/children`).text()).trim().split(/\s+/).filter(Boolean).map(Number)

  test('`bun start` serves with several workers: they are started as workers, not as another start', async () => {
    const start = join(import.meta.dir, '../../server/cli/start.ts')
    const flags = [...plant.store, '--workers', '2', '--port', await freePort(), '--json']
    const child = Bun.spawn([process.execPath, start, ...flags], { stdout: 'pipe', stderr: 'pipe' })
    const reader = child.stdout.getReader()
    let text = ''
    for (let part = await reader.read(); !part.done && !text.includes('\n'); part = await reader.read()) {
      text += new TextDecoder().decode(part.value)
      if (text.includes('\n')) break
    }
    if (text === '') throw new Error(await new Response(child.stderr).text())
    const ready = JSON.parse(text.split('\n')[0])
    expect(ready).toMatchObject({ workers: 2, version: expect.any(String) })
    expect((await fetch(new URL('/readyz', ready.url))).status).toBe(200)
    child.kill('SIGTERM')
    expect(await child.exited).toBe(0)
  }, 120_000)

  test('share one port; one that dies is replaced while the others serve; all end together', async () => {
    const own = await startServer(plant, '--workers', '2', '--port', await freePort())
    expect(own.ready).toMatchObject({ pid: own.child.pid, workers: 2 })
    const before = await childrenOf(own.child.pid)
    expect(before.length).toBe(2)
    process.kill(before[0], 'SIGKILL')
    // What the dead worker had already taken from the socket is lost with it; nothing after.
    expect(await until(() => !isAlive(before[0]))).toBe(true)
    for (let times = 0; times < 20; times++) {
      const answer = await own.call('/livez', { headers: { connection: 'close' } })
      expect(answer.status).toBe(200)
    }
    const replaced = async () => {
      const now = await childrenOf(own.child.pid)
      return now.length === 2 && !now.includes(before[0])
    }
    expect(await until(replaced)).toBe(true)
    const after = await childrenOf(own.child.pid)
    expect(await own.stop()).toBe(0)
    expect(after.map(isAlive)).toEqual([false, false])
  }, 120_000)

  test('end when their supervisor is killed', async () => {
    const own = await startServer(plant, '--workers', '2', '--port', await freePort())
    const workers = await childrenOf(own.child.pid)
    own.child.kill('SIGKILL')
    expect(await until(() => !workers.some(isAlive))).toBe(true)
  }, 120_000)

  test('do not share a port with another server', async () => {
    const first = await startServer(plant, '--workers', '2', '--port', await freePort())
    const { exitCode } = await routewright('serve', ...plant.store, '--workers', '2', '--port', new URL(first.ready.url).port, '--json')
    expect(exitCode).toBe(75)
    await first.stop()
  }, 120_000)
})
