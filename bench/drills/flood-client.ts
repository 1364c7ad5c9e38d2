/**
 * The process that floods a server: HTTP/1.1 over raw sockets that stay open. With a rate the requests leave on a fixed schedule,
 * whether the earlier ones were answered or not, and times count from the schedule; without, each connection asks again when it is
 * answered. Its own work must be small beside the server's. One order over IPC, one result back.
 */
import { readFileSync } from 'node:fs'

export interface FloodOrder {
  origin: string
  path: string
  headers: Record<string, string>
  /** File of bodies, one JSON document a line; sent in turn, round and round. */
  bodiesPath: string
  connections: number
  /** Requests a second; null: as fast as the answers come. */
  rate: number | null
  warmUpSeconds: number
  seconds: number
}

export interface FloodResult {
  /** Of answers with status 200, ms. */
  latenciesMs: Float64Array
  /** Answers by status; and what was no answer, by reason. */
  counts: Record<string, number>
  /** Sent after the warm-up. */
  sent: number
  /** Due and not sent, because every connection was busy. */
  unsent: number
}

interface Connection {
  dueAt: number
  isBusy: boolean
  /** Bytes of the answer still to come; null before its head is there. */
  left: number | null
  head: Buffer
  status: string
}

/** Of a problem, when it came with the head. */
const codeOf = (body: string) => ` ${/"code":"([a-z_]+)"/.exec(body)?.[1] ?? ''}`.trimEnd()
const headEnd = Buffer.from('\r\n\r\n')
const graceMs = 5_000

process.once('message', async (order: FloodOrder) => {
  process.send?.(await flood(order))
})
// The one who asked ends the connection when the result is there: ended from here, a long one would be cut off.
process.once('disconnect', () => process.exit(0))

async function flood(order: FloodOrder): Promise<FloodResult> {
  const { hostname, port, host } = new URL(order.origin)
  const extra = Object.entries(order.headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const requests = readFileSync(order.bodiesPath, 'utf8')
    .trim()
    .split('\n')
    .map((body) =>
      Buffer.from(
        `POST ${order.path} HTTP/1.1\r\nHost: ${host}\r\n${extra.join('')}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    )
  const latenciesMs: number[] = []
  const counts: Record<string, number> = {}
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  let next = 0
  let sent = 0
  let unsent = 0
  const idle: Bun.Socket<Connection>[] = []
  const sockets = new Set<Bun.Socket<Connection>>()
  let measureFrom = Number.POSITIVE_INFINITY
  let until = Number.POSITIVE_INFINITY

  const send = (socket: Bun.Socket<Connection>, dueAt: number) => {
    Object.assign(socket.data, { dueAt, isBusy: true, left: null, head: Buffer.alloc(0) })
    if (dueAt >= measureFrom) sent++
    socket.write(requests[next++ % requests.length])
  }
  const answered = (socket: Bun.Socket<Connection>) => {
    const now = performance.now()
    const { dueAt, status } = socket.data
    if (dueAt >= measureFrom && now <= until) {
      count(status)
      if (status === '200') latenciesMs.push(now - dueAt)
    }
    socket.data.isBusy = false
    if (order.rate !== null) idle.push(socket)
    else if (now < until) send(socket, now)
  }
  const receive = (socket: Bun.Socket<Connection>, chunk: Buffer) => {
    const connection = socket.data
    if (connection.left !== null) connection.left -= chunk.length
    else {
      connection.head = connection.head.length === 0 ? chunk : Buffer.concat([connection.head, chunk])
      const end = connection.head.indexOf(headEnd)
      if (end < 0) return
      const head = connection.head.toString('latin1', 0, end)
      connection.status = head.slice(9, 12)
      if (connection.status !== '200') connection.status += codeOf(connection.head.toString('latin1', end))
      const length = /\r\ncontent-length: *(\d+)/i.exec(head)
      connection.left = end + headEnd.length + Number(length?.[1] ?? 0) - connection.head.length
    }
    if (connection.left <= 0) answered(socket)
  }
  const open = () =>
    Bun.connect<Connection>({
      hostname,
      port: Number(port),
      data: { dueAt: 0, isBusy: false, left: null, head: Buffer.alloc(0), status: '' },
      socket: {
        data: receive,
        close: (socket) => {
          sockets.delete(socket)
          const at = idle.indexOf(socket)
          if (at >= 0) idle.splice(at, 1)
          if (performance.now() > until) return
          if (socket.data.isBusy) count('connection closed')
          void connect()
        },
        error: () => {},
      },
    })
  const connect = async () => {
    try {
      const socket = await open()
      sockets.add(socket)
      if (order.rate === null) send(socket, performance.now())
      else idle.push(socket)
    } catch {
      count('not connected')
    }
  }

  await Promise.all(Array.from({ length: order.connections }, connect))
  const startedAt = performance.now()
  measureFrom = startedAt + order.warmUpSeconds * 1000
  until = measureFrom + order.seconds * 1000
  if (order.rate === null) await Bun.sleep(until - startedAt)
  else {
    for (let due = 0, now = startedAt; now < until; now = performance.now()) {
      const target = Math.floor(((now - startedAt) / 1000) * order.rate)
      for (; due < target; due++) {
        const dueAt = startedAt + (due / order.rate) * 1000
        const socket = idle.shift()
        if (socket !== undefined) send(socket, dueAt)
        else if (dueAt >= measureFrom) unsent++
      }
      await Bun.sleep(1)
    }
  }
  const lastAt = performance.now() + graceMs
  while ([...sockets].some(({ data }) => data.isBusy) && performance.now() < lastAt) await Bun.sleep(20)
  for (const socket of sockets) socket.end()
  return { latenciesMs: Float64Array.from(latenciesMs), counts, sent, unsent }
}
