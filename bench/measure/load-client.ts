/**
 * The process that sends requests and measures how long answers take: HTTP/1.1 over raw sockets that stay open, one request under
 * way on each. Its own work must be small beside the servers', with which it shares the processor: no fetch, no JSON, answers
 * are counted and dropped. Orders and results travel over IPC (load.ts).
 */
import { readFileSync } from 'node:fs'
import type { LoadOrder, LoadResult } from './load'

const requestMsMax = 30_000
const headEnd = Buffer.from('\r\n\r\n')

interface Connection {
  sentAt: number
  received: number
  /** Bytes of the whole answer, known when its head is there. */
  expected: number
  status: number
  head: Buffer
}

process.on('message', async (order: LoadOrder) => {
  try {
    process.send?.(await run(order))
  } catch (error) {
    process.send?.({ problem: String(error) })
  }
})
process.on('disconnect', () => process.exit(0))

function prepare({ origin, path, headers, bodiesPath }: LoadOrder): Buffer[] {
  const { host } = new URL(origin)
  const more = Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  return readFileSync(bodiesPath, 'utf8')
    .trim()
    .split('\n')
    .map((body) =>
      Buffer.from(
        `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    )
}

function run(order: LoadOrder): Promise<LoadResult> {
  const requests = prepare(order)
  const { hostname, port } = new URL(order.origin)
  const latenciesMs: number[] = []
  const failures: Record<string, number> = {}
  const fail = (reason: string) => {
    failures[reason] = (failures[reason] ?? 0) + 1
  }
  let next = order.first
  let bytes = 0
  let open = order.connections
  const measureFrom = performance.now() + order.warmUpSeconds * 1000
  const until = measureFrom + order.seconds * 1000
  const before = process.cpuUsage()
  return new Promise((resolve, reject) => {
    const sockets = new Set<Bun.Socket<Connection>>()
    const watch = setInterval(() => {
      const now = performance.now()
      for (const socket of sockets) {
        if (now - socket.data.sentAt < requestMsMax) continue
        fail('no answer in time')
        socket.end()
      }
    }, 1000)
    const close = (socket: Bun.Socket<Connection>) => {
      if (!sockets.delete(socket)) return
      if (--open > 0) return
      clearInterval(watch)
      const { user, system } = process.cpuUsage(before)
      const senderMs = (user + system) / 1000 / Math.max(1, next - order.first)
      resolve({ latenciesMs: Float64Array.from(latenciesMs), seconds: order.seconds, failures, bytes, next, senderMs })
    }
    const send = (socket: Bun.Socket<Connection>) => {
      const request = requests[next++ % requests.length]
      Object.assign(socket.data, { received: 0, expected: 0, head: Buffer.alloc(0), sentAt: performance.now() })
      // a request of a few KB always fits the empty buffer of a socket whose last answer has come
      if (socket.write(request) !== request.length) {
        fail('request did not fit the socket')
        socket.end()
      }
    }
    const receive = (socket: Bun.Socket<Connection>, chunk: Buffer) => {
      const connection = socket.data
      connection.received += chunk.length
      if (connection.expected === 0 && !readHead(connection, chunk)) return
      if (connection.expected < 0) {
        fail('answer without content-length')
        return void socket.end()
      }
      if (connection.received < connection.expected) return
      const now = performance.now()
      if (connection.sentAt >= measureFrom && now <= until) {
        if (connection.status === 200) {
          latenciesMs.push(now - connection.sentAt)
          bytes += connection.expected
        } else fail(`status ${connection.status}`)
      }
      if (now < until) send(socket)
      else socket.end()
    }
    for (let index = 0; index < order.connections; index++) {
      Bun.connect<Connection>({
        hostname,
        port: Number(port),
        data: { sentAt: performance.now(), received: 0, expected: 0, status: 0, head: Buffer.alloc(0) },
        socket: {
          open: (socket) => {
            sockets.add(socket)
            send(socket)
          },
          data: receive,
          close: (socket) => {
            if (performance.now() < until) fail('connection closed by the server')
            close(socket)
          },
          error: (_socket, error) => fail(String(error)),
        },
      }).catch(reject)
    }
  })
}

/** True when the head is complete; `expected` is then the answer's whole length, −1 when it says none. */
function readHead(connection: Connection, chunk: Buffer): boolean {
  connection.head = connection.head.length === 0 ? chunk : Buffer.concat([connection.head, chunk])
  const end = connection.head.indexOf(headEnd)
  if (end < 0) return false
  const head = connection.head.toString('latin1', 0, end)
  connection.status = Number(head.slice(9, 12))
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)
  connection.expected = length === null ? -1 : end + headEnd.length + Number(length[1])
  return true
}
