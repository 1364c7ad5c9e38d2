/**
 * Streams of server-sent events: how many there may be, that they end with the right to listen, and that a reader who does not read
 * costs nothing. Whoever was cut off comes again: the browser does so by itself.
 */
import { limits } from '../contract/limits'
import { DomainError } from '../domain/error'
import type { Principal } from './access'

export interface EventStreamsOptions {
  /** Asked every ten seconds: who is it by now? null ends the stream. */
  authenticate: (request: Request) => Promise<Principal | null> | Principal | null
  beatMs?: number
  totalMax?: number
  perPersonMax?: number
}

export interface Listener {
  admin: boolean
  send: (message: { bytes: Uint8Array }) => void
}

interface Stream {
  person: string
  end: () => void
}

const BEAT_MS = 10_000
/** Bytes that may wait for a reader. */
const waitingBytesMax = 65_536
const encoder = new TextEncoder()
const ping = encoder.encode(': ping\n\n')
/** How long a browser waits before it comes again, ms. */
const hello = encoder.encode('retry: 2000\n\n')
const headers = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store',
  // nginx would hold events back
  'x-accel-buffering': 'no',
}

export class EventStreams {
  readonly #options: Required<EventStreamsOptions>
  readonly #open = new Set<Stream>()
  #ended = false

  constructor(options: EventStreamsOptions) {
    this.#options = {
      beatMs: BEAT_MS,
      totalMax: limits.eventStreamsMax,
      perPersonMax: limits.eventStreamsPerPersonMax,
      ...options,
    }
  }

  /** A stream of what `subscribe` sends until the reader goes or may not listen any more. Throws `too_many_streams`. */
  open(request: Request, user: Principal, subscribe: (listener: Listener) => () => void): Response {
    const person = `${user.kind} ${user.kind === 'key' ? user.name : user.id}`
    this.#check(person)
    let unsubscribe = () => {}
    let beat: ReturnType<typeof setInterval> | undefined
    let close = () => {}
    const stream: Stream = {
      person,
      end: () => {
        if (!this.#open.delete(stream)) return
        clearInterval(beat)
        unsubscribe()
        close()
      },
    }
    this.#open.add(stream)
    request.signal.addEventListener('abort', stream.end, { once: true })
    const body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          close = () => {
            try {
              controller.close()
            } catch {
              // the reader was faster
            }
          }
          const send = (bytes: Uint8Array) => {
            if (!this.#open.has(stream)) return
            if ((controller.desiredSize ?? 0) <= 0) stream.end()
            else controller.enqueue(bytes)
          }
          send(hello)
          unsubscribe = subscribe({ admin: user.role === 'admin', send: ({ bytes }) => send(bytes) })
          beat = setInterval(async () => {
            if (await this.#mayStay(request, user)) send(ping)
            else stream.end()
          }, this.#options.beatMs)
          beat.unref()
        },
        cancel: stream.end,
      },
      new ByteLengthQueuingStrategy({ highWaterMark: waitingBytesMax }),
    )
    return new Response(body, { headers })
  }

  /** Ends all and lets nobody in any more: the process stops. */
  end(): void {
    this.#ended = true
    for (const stream of [...this.#open]) stream.end()
  }

  get count(): number {
    return this.#open.size
  }

  #check(person: string): void {
    if (this.#ended) throw new DomainError('busy', 'the server is stopping')
    const own = [...this.#open].filter((stream) => stream.person === person).length
    if (own >= this.#options.perPersonMax || this.#open.size >= this.#options.totalMax) {
      throw new DomainError('too_many_streams', 'too many pages listen already; close some')
    }
  }

  /** A database that cannot be asked now ends nobody's stream: nothing secret is in it that was not before. */
  async #mayStay(request: Request, user: Principal): Promise<boolean> {
    try {
      const now = await this.#options.authenticate(request)
      return now !== null && now.role === user.role && now.id === user.id
    } catch (error) {
      return error instanceof DomainError && (error.code === 'database_unavailable' || error.code === 'busy')
    }
  }
}
