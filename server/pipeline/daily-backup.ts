/** Copies the database once a day in a thread of its own, in one of the serving processes. */
import { type Backup, listBackups } from '../store/backup'

export interface DailyBackup {
  start: () => void
  stop: () => void
  /** Of the newest copy; null when there is none. */
  newest: () => Backup | null
  /** Why the last try failed; null when it went well. */
  problem: () => string | null
  /** Copies now. Resolves with null when it failed; `problem` says why. */
  run: () => Promise<Backup | null>
}

export type BackupEvent = { event: 'backup.made'; bytes: number | null } | { event: 'backup.failed'; problem: string }

export interface DailyBackupOptions {
  databasePath: string
  /** One of several processes does it. */
  isMine: boolean
  report: (event: BackupEvent) => void
  now?: () => Date
}

const dayMs = 86_400_000
const lookMs = 600_000
/** A start is busy enough. */
const firstMs = 60_000

export function createDailyBackup({ databasePath, isMine, report, now = () => new Date() }: DailyBackupOptions): DailyBackup {
  let timer: Timer | undefined
  let running: Promise<Backup | null> | null = null
  let problem: string | null = null
  const newest = () => listBackups(databasePath)[0] ?? null

  const copy = async (): Promise<Backup | null> => {
    const thread = new Worker(new URL('../store/backup-thread.ts', import.meta.url).href)
    try {
      const answer = await new Promise<{ backup?: Backup; problem?: string }>((resolve, reject) => {
        thread.onmessage = ({ data }) => resolve(data)
        thread.onerror = ({ message }) => reject(new Error(message))
        thread.postMessage({ databasePath, at: now().getTime() })
      })
      problem = answer.problem ?? null
    } catch (error) {
      problem = error instanceof Error ? error.message : 'the copy failed'
    } finally {
      thread.terminate()
    }
    const made = newest()
    report(problem === null ? { event: 'backup.made', bytes: made?.bytes ?? null } : { event: 'backup.failed', problem })
    return problem === null ? made : null
  }
  const run = () => {
    running ??= copy().finally(() => {
      running = null
    })
    return running
  }
  const look = async () => {
    if (now().getTime() - (newest()?.at ?? 0) >= dayMs) await run()
    timer = setTimeout(look, lookMs)
  }
  return {
    start: () => {
      if (isMine) timer = setTimeout(look, firstMs)
    },
    stop: () => clearTimeout(timer),
    newest,
    problem: () => problem,
    run,
  }
}
