/** Asks the worker that estimates guesses; it is started when first needed and ended when nobody has asked for a minute. */
import { DomainError } from '../../domain/error'
import type { GuessAnswer, GuessQuestion } from './guess-worker'

/** The estimate grows with the square of the length; more characters than these only add to it. */
const charactersMax = 64
const answerMsMax = 10_000
const idleMs = 60_000

type DetachedWorker = Worker & { ref(): void; unref(): void }

/** A lifetime: `close` ends the worker. */
export class GuessEstimate {
  private worker: DetachedWorker | null = null
  private readonly waiting = new Map<number, (guesses: number | null) => void>()
  private asked = 0
  private idle: Timer | undefined

  /** Decimal logarithm of the guesses that the password needs of somebody who knows the `context`. Throws `internal`. */
  async ask(password: string, context: string[]): Promise<number> {
    clearTimeout(this.idle)
    this.worker ??= this.start()
    this.worker.ref()
    const id = ++this.asked
    const guesses = await new Promise<number | null>((resolve) => {
      const silent = setTimeout(() => this.settle(id, null), answerMsMax)
      this.waiting.set(id, (guesses) => {
        clearTimeout(silent)
        resolve(guesses)
      })
      const question: GuessQuestion = { id, text: [...password].slice(0, charactersMax).join(''), context }
      this.worker?.postMessage(question)
    })
    if (guesses === null) throw new DomainError('internal', 'the password could not be judged')
    return guesses
  }

  close(): void {
    clearTimeout(this.idle)
    this.worker?.terminate()
    this.worker = null
    for (const id of [...this.waiting.keys()]) this.settle(id, null)
  }

  private start(): DetachedWorker {
    const worker = new Worker(new URL('./guess-worker.ts', import.meta.url).href) as DetachedWorker
    worker.onmessage = ({ data }: MessageEvent<GuessAnswer>) => this.settle(data.id, data.guesses)
    worker.onerror = () => this.close()
    return worker
  }

  private settle(id: number, guesses: number | null): void {
    this.waiting.get(id)?.(guesses)
    this.waiting.delete(id)
    if (this.waiting.size > 0 || this.worker === null) return
    // The process may end while nobody waits for an answer.
    this.worker.unref()
    clearTimeout(this.idle)
    this.idle = setTimeout(() => this.close(), idleMs)
    this.idle.unref()
  }
}
