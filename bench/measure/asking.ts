/** Asks again and again over connections of their own, one request under way on each, and keeps what every answer said. */
import { Agent, type IncomingMessage, request } from 'node:http'

export interface Answered {
  connection: number
  /** Milliseconds of `performance.now()`. */
  sentAt: number
  receivedAt: number
  status: number
  question: number
  /** What `read` makes of the answer; null where it was none. */
  said: string | null
  configRev: number
}

export interface Asking {
  answers: Answered[]
  /** Ends when every request under way is answered. */
  stop(): Promise<void>
}

interface AskingOptions {
  url: string
  headers: Record<string, string>
  connections: number
  questions: object[]
  /** Of the body and the headers: what must be the same whenever the same is asked. */
  read: (body: string) => string
}

/** A connection belongs to one worker: with enough of them every worker is asked all the time. */
export function startAsking({ url, headers, connections, questions, read }: AskingOptions): Asking {
  const answers: Answered[] = []
  const bodies = questions.map((question) => JSON.stringify(question))
  let isStopped = false
  const ask = async (connection: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (let at = connection; !isStopped; at++) {
      const question = at % bodies.length
      const sentAt = performance.now()
      try {
        const { response, text } = await send(url, bodies[question], { agent, headers })
        const isRight = response.statusCode === 200
        answers.push({
          connection,
          sentAt,
          receivedAt: performance.now(),
          status: response.statusCode ?? 0,
          question,
          said: isRight ? read(text) : null,
          configRev: Number(response.headers['x-config-rev'] ?? -1),
        })
      } catch {
        answers.push({ connection, sentAt, receivedAt: performance.now(), status: 0, question, said: null, configRev: -1 })
      }
    }
    agent.destroy()
  }
  const running = Promise.all(Array.from({ length: connections }, (_, connection) => ask(connection)))
  return {
    answers,
    stop: async () => {
      isStopped = true
      await running
    },
  }
}

function send(url: string, body: string, { agent, headers }: { agent: Agent; headers: Record<string, string> }) {
  return new Promise<{ response: IncomingMessage; text: string }>((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers } },
      (response) => {
        const parts: Buffer[] = []
        response.on('data', (part: Buffer) => parts.push(part))
        response.on('end', () => resolve({ response, text: Buffer.concat(parts).toString() }))
        response.on('error', reject)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
