/** The checks of a serving process beside its model, asked together. */

import type { LogStatus } from '../../contract/access-line'
import { currentRevision } from '../../store/document'
import { readState } from '../../store/model-version'
import type { Db } from '../../store/open'
import { listTrainingRuns } from '../../store/training-run'
import { listWorkers } from '../../store/worker-state'
import type { NamedCheck } from './check'
import { checkBackup, checkCache, checkCookies, checkDatabaseFile, checkLogs, checkTraining, checkWorkers } from './service'

export interface ServiceState {
  databaseFile: { isReplaced: () => boolean; walBytes: () => number }
  logs: LogStatus
  cache: { bytes: number; entries: number }
  cacheMax: { answerBytesMax: number; answersMax: number }
  /** In force in this process. */
  configRevision: number
  insecureCookies: boolean
  /** Of the daily copies; absent where none are made. */
  backup?: { newest: () => { at: number } | null; problem: () => string | null }
  now: Date
}

export const serviceChecks = (db: Db, state: ServiceState): NamedCheck[] => [
  ...checkDatabaseFile(state.databaseFile),
  ...checkLogs(state.logs),
  ...checkCache(state.cache, { bytes: state.cacheMax.answerBytesMax, entries: state.cacheMax.answersMax }),
  ...checkCookies(state.insecureCookies),
  ...(state.backup ? checkBackup(state.backup.newest(), state.backup.problem(), state.now.getTime()) : []),
  ...askDatabase(db, state),
]

/** While the database cannot be read, its own check says so, and these say nothing. */
function askDatabase(db: Db, { configRevision, now }: ServiceState): NamedCheck[] {
  try {
    const { epoch, changedAt } = readState(db)
    const changes = [changedAt, currentRevision(db, 'runtime_config')?.at].map((at) => (at ? Date.parse(at) : 0))
    const current = { epoch, configRevision, since: Math.max(...changes), now: now.getTime() }
    return [...checkWorkers(listWorkers(db, now), current), ...checkTraining(listTrainingRuns(db, { limit: 1 })[0] ?? null)]
  } catch {
    return []
  }
}
