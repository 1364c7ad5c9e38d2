/**
 * A streamed answer of one JSON document a line. The next lines are made when the client has taken the last, the event loop gets its
 * turn between them, and a client that goes away ends the work.
 */

/** Short lines are gathered up to this many characters, so that they do not cost a system call each. */
const chunkCharacters = 16_384
/** Milliseconds of work after which others get their turn. */
const sliceMs = 4

export interface NdjsonOptions {
  /** The request's signal: aborted when the client goes away. */
  signal: AbortSignal
  /** Waits until others have had theirs; what follows is one slice of work. */
  turn: () => Promise<void>
  /** Called exactly once: the last line is made, the client is gone, or a line threw (then with the error). */
  close: (error?: unknown) => void
  headers: Record<string, string>
}

/** A line may be a promise. One that throws breaks the transfer off: the client never sees a half that looks complete. */
export function ndjsonResponse(lines: Iterator<unknown>, { signal, turn, close, headers }: NdjsonOptions): Response {
  const encoder = new TextEncoder()
  let ended = false
  const end = (error?: unknown) => {
    if (ended) return
    ended = true
    close(error)
  }
  signal.addEventListener('abort', () => end(), { once: true })
  const stream = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await turn()
        if (ended) return
        try {
          const { text, done } = await nextLines(lines)
          // gone while a line was waited for
          if (ended) return
          if (text !== '') controller.enqueue(encoder.encode(text))
          if (!done) return
          end()
          controller.close()
        } catch (error) {
          end(error)
          controller.error(error)
        }
      },
      cancel: () => end(),
    },
    { highWaterMark: 1 },
  )
  return new Response(stream, {
    headers: { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store', ...headers },
  })
}

async function nextLines(lines: Iterator<unknown>): Promise<{ text: string; done: boolean }> {
  const startedAt = performance.now()
  let text = ''
  while (text.length < chunkCharacters && performance.now() - startedAt < sliceMs) {
    const { value, done } = lines.next()
    if (done) return { text, done: true }
    const isLater = value instanceof Promise
    text += `${JSON.stringify(isLater ? await value : value)}\n`
    // others had their turn meanwhile, and this one is over
    if (isLater) break
  }
  return { text, done: false }
}
