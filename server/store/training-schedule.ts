/** When the trainer orders what of itself. */
import { asc, eq } from 'drizzle-orm'
import { limits } from '../contract/limits'
import type { JobRequest } from '../contract/training-job'
import { DomainError } from '../domain/error'
import { appendAudit } from './audit'
import type { Db } from './open'
import { trainingSchedules } from './schema'
import { insertJob, isScheduleBusy } from './training-job'
import { writeTransaction } from './write-transaction'

export type StoredSchedule = typeof trainingSchedules.$inferSelect

export interface PutScheduleInput {
  name: string
  cron: string
  request: JobRequest
  enabled: boolean
  who: string
  now: Date
}

/** Writes or replaces one by its name. Throws `job_conflict` when there are too many. */
export function putSchedule(db: Db, { name, cron, request, enabled, who, now }: PutScheduleInput): Promise<StoredSchedule> {
  return writeTransaction(db, (tx) => {
    const before = tx.select().from(trainingSchedules).where(eq(trainingSchedules.name, name)).get()
    if (!before && tx.select().from(trainingSchedules).all().length >= limits.schedulesMax) {
      throw new DomainError('job_conflict', `there are ${limits.schedulesMax} schedules already`)
    }
    const after = { cron, request, enabled }
    // what is due is counted from now on: an old time must not fire at once
    const row = tx
      .insert(trainingSchedules)
      .values({ name, ...after, lastEnqueuedAt: null, createdBy: who, createdAt: now.getTime() })
      .onConflictDoUpdate({ target: trainingSchedules.name, set: { ...after, createdBy: who, createdAt: now.getTime() } })
      .returning()
      .get()
    const was = before && { cron: before.cron, request: before.request, enabled: before.enabled }
    appendAudit(tx, { at: now, actor: who, action: 'training.schedule', subject: name, details: { before: was ?? null, after } })
    return row
  })
}

/** Throws `schedule_unknown`. */
export function deleteSchedule(db: Db, { name, who, now }: { name: string; who: string; now: Date }): Promise<void> {
  return writeTransaction(db, (tx) => {
    const gone = tx.delete(trainingSchedules).where(eq(trainingSchedules.name, name)).returning().get()
    if (!gone) throw new DomainError('schedule_unknown', 'no such schedule')
    const before = { cron: gone.cron, request: gone.request, enabled: gone.enabled }
    appendAudit(tx, { at: now, actor: who, action: 'training.unschedule', subject: name, details: { before, after: null } })
  })
}

export function listSchedules(db: Db): StoredSchedule[] {
  return db.select().from(trainingSchedules).orderBy(asc(trainingSchedules.name)).all()
}

/** Orders what is due, unless the schedule's last order still waits or runs. `due` was read before: it must not have changed since. */
export function enqueueDue(db: Db, { name, due, now }: { name: string; due: number; now: Date }): Promise<boolean> {
  return writeTransaction(db, (tx) => {
    const row = tx.select().from(trainingSchedules).where(eq(trainingSchedules.name, name)).get()
    if (!row?.enabled || (row.lastEnqueuedAt ?? 0) >= due) return false
    tx.update(trainingSchedules).set({ lastEnqueuedAt: due }).where(eq(trainingSchedules.name, name)).run()
    if (isScheduleBusy(tx, name)) return false
    insertJob(tx, { request: row.request, who: 'trainer', schedule: name, now })
    return true
  })
}
