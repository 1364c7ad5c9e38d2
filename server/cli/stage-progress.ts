/** Progress of a staged command on standard error: a bar for people, one line a stage otherwise; and to whoever started it with a channel. */
import { SingleBar } from 'cli-progress'

/** A channel is told at most so often within a stage. */
const tellMs = 500

export interface StageProgress {
  update(stage: string, done: number, total: number): void
  stop(): void
}

export function stageProgress(title: string): StageProgress {
  let stage = ''
  if (!process.stderr.isTTY) {
    let toldAt = 0
    return {
      update: (next, done, total) => {
        const now = performance.now()
        if (next !== stage || now - toldAt > tellMs) {
          process.send?.({ stage: next, done, total })
          toldAt = now
        }
        if (next !== stage) process.stderr.write(`${title}: ${next}\n`)
        stage = next
      },
      stop: () => {},
    }
  }
  const bar = new SingleBar({
    format: `${title} {stage} [{bar}] {percentage} % {duration_formatted}`,
    stream: process.stderr,
    hideCursor: true,
    barsize: 24,
  })
  bar.start(1, 0, { stage: '' })
  return {
    update: (next, done, total) => {
      stage = next
      bar.setTotal(Math.max(1, total))
      bar.update(total > 0 ? done : 0, { stage: next.padEnd(10) })
    },
    stop: () => bar.stop(),
  }
}
