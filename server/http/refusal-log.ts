/** What is known of requests that were refused at the door. All are counted; only some get a line: a flood must not become one of the log. */
import { type AccessRecord, refusedRecord } from './access-log'
import { pathOf } from './request-path'

export interface RefusalLogOptions {
  /** Counts and writes a line. */
  write: (record: AccessRecord) => void
  /** Counts only. */
  count: (record: AccessRecord) => void
  addressOf: (request: Request) => string
  linesPerSecondMax?: number
  /** Monotonic milliseconds. */
  now?: () => number
}

export function createRefusalLog({ write, count, addressOf, linesPerSecondMax = 20, now = () => performance.now() }: RefusalLogOptions) {
  let second = 0
  let lines = 0
  /** Of each path (they are few: the door knows them) the last that got a line: the others of that second are like it. */
  const last = new Map<string, AccessRecord>()
  return (request: Request, answer: Response): void => {
    const at = Math.floor(now() / 1_000)
    if (at !== second) {
      second = at
      lines = 0
    }
    const path = pathOf(request)
    const known = last.get(path)
    if (lines >= linesPerSecondMax && known !== undefined) {
      count(known)
      return
    }
    lines++
    const record = refusedRecord(request, answer, addressOf(request))
    last.set(path, record)
    write(record)
  }
}
