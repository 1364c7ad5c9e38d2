/** The end of a serving process, seen from sockets that stay open, and the number of processes where nobody says. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { connect, type Socket } from 'node:net'
import { workerCount } from '../../server/worker-count'
import { type Plant, startServer, stopLeftOver, trainTwice, until } from './live-server'

let plant: Plant
beforeAll(async () => {
  plant = await trainTwice()
}, 300_000)
afterAll(async () => {
  await stopLeftOver()
  plant?.remove()
})

/** A connection that stays open; `ask` gives back the head of the answer, null when it was closed instead. */
function keepAlive(port: number) {
  const socket: Socket = connect({ host: '127.0.0.1', port })
  let text = ''
  let closed = false
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.on('error', () => {})
  socket.on('close', () => {
    closed = true
  })
  const ask = async (path: string): Promise<string | null> => {
    text = ''
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await until(() => text.includes('\r\n\r\n') || closed, 5_000)
    return text.includes('\r\n\r\n') ? text.split('\r\n\r\n')[0] : null
  }
  return { ask, closed: () => closed, end: () => socket.destroy() }
}

describe('told to stop', () => {
  test('it serves on for the time that a load balancer needs, says that it is not ready, and closes each connection with its answer', async () => {
    const server = await startServer(plant, '--drain', '1500')
    const port = Number(new URL(server.ready.url).port)
    const [used, unused] = [keepAlive(port), keepAlive(port)]
    expect(await used.ask('/livez')).toContain('200 OK')
    expect(used.closed()).toBe(false)
    const stoppedAt = performance.now()
    server.child.kill('SIGTERM')
    expect(await until(async () => (await server.call('/readyz')).status === 503)).toBe(true)
    const last = await used.ask('/livez')
    expect(last).toContain('200 OK')
    expect(last?.toLowerCase()).toContain('connection: close')
    expect(await until(() => used.closed(), 1_000)).toBe(true)
    // also one that has not asked yet, and one that comes now
    expect(await unused.ask('/livez')).toContain('200 OK')
    expect((await server.call('/livez')).status).toBe(200)
    expect(await server.child.exited).toBe(0)
    expect(performance.now() - stoppedAt).toBeGreaterThan(1_400)
  }, 60_000)

  test('a request that came just before is answered', async () => {
    for (let times = 0; times < 3; times++) {
      const server = await startServer(plant)
      const connections = Array.from({ length: 20 }, () => keepAlive(Number(new URL(server.ready.url).port)))
      for (const { ask } of connections) expect(await ask('/livez')).toContain('200 OK')
      const answers = connections.map(({ ask }) => ask('/livez'))
      server.child.kill('SIGTERM')
      expect((await Promise.all(answers)).map((head) => head?.slice(0, 15))).toEqual(connections.map(() => 'HTTP/1.1 200 OK'))
      expect(await server.child.exited).toBe(0)
    }
  }, 60_000)
})

test('a client that sends its request drop by drop is cut off', async () => {
  const server = await startServer(plant)
  const port = Number(new URL(server.ready.url).port)
  const drip = (first: string) => {
    const socket = connect({ host: '127.0.0.1', port })
    const end = { closedMs: null as number | null }
    const startedAt = performance.now()
    socket.on('error', () => {})
    socket.on('close', () => {
      end.closedMs = performance.now() - startedAt
      clearInterval(timer)
    })
    socket.write(first)
    const timer = setInterval(() => socket.write('x'), 500)
    return end
  }
  const head = drip('GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Slow: ')
  const body = drip('POST /api/v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n')
  expect(await until(() => head.closedMs !== null && body.closedMs !== null, 25_000)).toBe(true)
  expect(head.closedMs!).toBeLessThan(15_000)
  expect(body.closedMs!).toBeLessThan(15_000)
  expect((await server.call('/livez')).status).toBe(200)
  expect(await server.stop()).toBe(0)
}, 60_000)

test.if(process.platform === 'linux')(
  'several workers take a free port for themselves',
  async () => {
    const server = await startServer(plant, '--workers', '2')
    expect(Number(new URL(server.ready.url).port)).toBeGreaterThan(0)
    expect(server.ready).toMatchObject({ workers: 2 })
    for (let times = 0; times < 10; times++) expect((await server.call('/livez', { headers: { connection: 'close' } })).status).toBe(200)
    expect(await server.stop()).toBe(0)
  },
  60_000,
)

describe('where nobody says how many', () => {
  const linux = { platform: 'linux' as const, cores: 8, memoryBytes: 16e9 }
  test('there is one worker a core, sixteen at most', () => {
    expect(workerCount(linux)).toBe(8)
    expect(workerCount({ ...linux, cores: 64 })).toBe(16)
    expect(workerCount({ ...linux, memoryBytes: null })).toBe(8)
  })
  test('the memory must hold them, and one there is always', () => {
    expect(workerCount({ ...linux, memoryBytes: 1e9 })).toBe(2)
    expect(workerCount({ ...linux, memoryBytes: 1e8 })).toBe(1)
  })
  test('elsewhere there is one: only Linux shares a port among processes', () => {
    expect(workerCount({ ...linux, platform: 'win32' })).toBe(1)
    expect(workerCount({ ...linux, platform: 'darwin' })).toBe(1)
  })
})
