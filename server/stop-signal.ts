/** The order to stop: SIGTERM or Ctrl-C once asks, a second time insists. */

/**
 * One key press reaches a process more than once (from the terminal, and passed on by `bun run` or a supervisor): what comes within
 * this time of the first is the same order.
 */
const sameOrderMs = 500

/** `onFirst` and `onSecond` are called at most once each. */
export function onStopSignal(onFirst: () => void, onSecond: () => void, now: () => number = () => performance.now()): void {
  let firstAt: number | null = null
  let insisted = false
  const receive = () => {
    if (firstAt === null) {
      firstAt = now()
      onFirst()
    } else if (!insisted && now() - firstAt > sameOrderMs) {
      insisted = true
      onSecond()
    }
  }
  process.on('SIGTERM', receive)
  process.on('SIGINT', receive)
}
