/**
 * The clients of the drill of switches, in a process of their own: keep-alive sockets with one request under way on each. Every
 * answer is looked at: its status, that header and body name the same version and epoch, and that every item key in it is of that
 * version's plant. Orders and results travel over IPC.
 */
export interface ClientOrder {
  origin: string
  headers: Record<string, string>
  connections: number
  /** Path and JSON body, sent in turn. */
  requests: { path: string; body: string }[]
  /** Version → what stands before its plant's item keys. */
  marks: Record<string, string>
}
export interface EpochSeen {
  version: string
  answers: number
  /** When its last request was sent, Unix ms. */
  lastSentAt: number
  firstSentAt: number
}
export interface ClientResult {
  answers: number
  /** What went wrong → how often. */
  failures: Record<string, number>
  /** Answers of more than one version. */
  mixed: number
  mixedExample: string | null
  latenciesMs: Float32Array
  epochs: Record<string, EpochSeen>
}
type Order = { start: ClientOrder } | { count: true } | { stop: true }

interface Connection {
  sentAt: number
  expected: number
  parts: Buffer[]
  received: number
}

const headEnd = Buffer.from('\r\n\r\n')
const itemKey = /"item":"(Z?)[A-Z]\d{7}"/g
const answersMax = 4_000_000
const clock = () => performance.timeOrigin + performance.now()

const result: ClientResult = { answers: 0, failures: {}, mixed: 0, mixedExample: null, latenciesMs: new Float32Array(0), epochs: {} }
const latencies = new Float32Array(answersMax)
let stopping = false
let open = 0
let next = 0

const fail = (reason: string) => {
  result.failures[reason] = (result.failures[reason] ?? 0) + 1
}

process.on('message', (order: Order) => {
  if ('start' in order) start(order.start)
  else if ('count' in order) process.send?.({ answers: result.answers })
  else stopping = true
})
process.on('disconnect', () => process.exit(0))

function start({ origin, headers, connections, requests, marks }: ClientOrder): void {
  const { hostname, port, host } = new URL(origin)
  const extra = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const wire = requests.map(({ path, body }) =>
    Buffer.from(
      `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${extra.join('')}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    ),
  )
  const send = (socket: Bun.Socket<Connection>) => {
    const bytes = wire[next++ % wire.length]
    Object.assign(socket.data, { sentAt: clock(), expected: 0, parts: [], received: 0 })
    if (socket.write(bytes) !== bytes.length) fail('the request did not fit the socket')
  }
  const receive = (socket: Bun.Socket<Connection>, chunk: Buffer) => {
    const connection = socket.data
    connection.parts.push(chunk)
    connection.received += chunk.length
    if (connection.expected === 0) connection.expected = lengthOf(connection)
    if (connection.expected === 0 || connection.received < connection.expected) return
    const bytes = connection.parts.length === 1 ? chunk : Buffer.concat(connection.parts)
    look(bytes.toString('latin1'), connection.sentAt, marks)
    if (stopping) socket.end()
    else send(socket)
  }
  const connect = () => {
    open++
    Bun.connect<Connection>({
      hostname,
      port: Number(port),
      data: { sentAt: 0, expected: 0, parts: [], received: 0 },
      socket: {
        open: send,
        data: receive,
        close: () => {
          open--
          if (!stopping) {
            fail('the server closed the connection')
            connect()
          } else if (open === 0) end()
        },
        error: (_socket, error) => fail(String(error)),
      },
    }).catch((error) => {
      open--
      fail(`no connection: ${error.code ?? error}`)
      setTimeout(connect, 100)
    })
  }
  for (let nth = 0; nth < connections; nth++) connect()
}

function end(): void {
  result.latenciesMs = latencies.slice(0, Math.min(result.answers, answersMax))
  process.send?.(result)
}

/** Bytes of the whole answer; 0 while its head is not complete. */
function lengthOf({ parts }: Connection): number {
  const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts)
  const at = bytes.indexOf(headEnd)
  if (at < 0) return 0
  const length = /\r\ncontent-length: *(\d+)/i.exec(bytes.toString('latin1', 0, at))
  return at + headEnd.length + Number(length?.[1] ?? 0)
}

function look(text: string, sentAt: number, marks: Record<string, string>): void {
  const took = clock() - sentAt
  if (result.answers < answersMax) latencies[result.answers] = took
  result.answers++
  const status = text.slice(9, 12)
  if (status !== '200') {
    fail(`status ${status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? ''}`)
    return
  }
  const version = /"version":"([^"]+)"/.exec(text)?.[1] ?? ''
  const epoch = /"epoch":(\d+)/.exec(text)?.[1] ?? ''
  const named = /\r\nx-model-version: *(\S+)/i.exec(text)?.[1] === version && /\r\nx-model-epoch: *(\d+)/i.exec(text)?.[1] === epoch
  const mark = marks[version]
  let keys = 0
  let foreign = 0
  for (const match of text.matchAll(itemKey)) {
    keys++
    if (match[1] !== mark) foreign++
  }
  if (keys === 0) fail('an answer without items')
  const seen = result.epochs[epoch]
  if (!named || foreign > 0 || (seen !== undefined && seen.version !== version)) {
    result.mixed++
    result.mixedExample ??= text.slice(0, 2_000)
  }
  if (seen === undefined) result.epochs[epoch] = { version, answers: 1, firstSentAt: sentAt, lastSentAt: sentAt }
  else {
    seen.answers++
    if (sentAt > seen.lastSentAt) seen.lastSentAt = sentAt
  }
}
