/** What serves at this moment, and how many processes: the dashboard's head line. */
import type { Dashboard } from '../../contract/dashboard'
import type { Db } from '../../store/open'
import { livingWorkers } from '../../store/worker-state'

export function servingState(
  db: Db,
  serving: { version: string; epoch: number } | null,
  configRevision: number,
  now: Date = new Date(),
): Dashboard['now'] {
  const workers = livingWorkers(db, now).filter(({ stopping }) => !stopping).length
  return { version: serving?.version ?? null, epoch: serving?.epoch ?? 0, configRevision, workers }
}
