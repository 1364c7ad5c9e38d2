/** How late the event loop is: the one number that says whether something blocks it. */

const everyMs = 100
const windowSamples = 10

/** Starts measuring; `ms` is the worst of the last second. */
export function measureLoopLag(now: () => number = () => performance.now()): { ms: () => number; stop: () => void } {
  const samples: number[] = []
  let expected = now() + everyMs
  const timer = setInterval(() => {
    samples.push(Math.max(0, now() - expected))
    if (samples.length > windowSamples) samples.shift()
    expected = now() + everyMs
  }, everyMs)
  timer.unref()
  return {
    // A loop that is stuck right now has not written its sample yet.
    ms: () => Math.max(now() - expected, 0, ...samples),
    stop: () => clearInterval(timer),
  }
}
