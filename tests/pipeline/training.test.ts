import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { acquireTrainerLock } from '../../server/artifacts/trainer-lock'
import type { JobRequest } from '../../server/contract/training-job'
import { writeSample } from '../../server/pipeline/sample'
import { createTrainingDesk } from '../../server/pipeline/training/desk'
import { pathBelow } from '../../server/pipeline/training/job-paths'
import { lastDue } from '../../server/pipeline/training/schedule'
import { runTrainer } from '../../server/pipeline/training/trainer'
import { listAudit } from '../../server/store/audit'
import { getVersion, listVersions, readState } from '../../server/store/model-version'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { closeOrphans, takeJob } from '../../server/store/training-job'
import { enqueueDue } from '../../server/store/training-schedule'

const main = join(import.meta.dir, '../../server/main.ts')
let folder: string
let db: Db
let store: { db: Db; modelsDirectory: string; databasePath: string; logsDirectory: string; sources: string[] }
let desk: ReturnType<typeof createTrainingDesk>
const order: JobRequest = { kind: 'train', source: 'plant', mapping: 'plant/mapping.json', notes: 'nightly' }

let plants: string
beforeAll(async () => {
  plants = mkdtempSync(join(tmpdir(), 'routewright-plants-'))
  await writeSample({ out: join(plants, 'plant'), items: 300, seed: 2 })
  writeFileSync(join(plants, 'nothing.json'), '{}')
})
afterAll(() => rmSync(plants, { recursive: true, force: true }))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'routewright-training-'))
  const databasePath = join(folder, 'db.sqlite')
  db = openStore(databasePath)
  store = { db, databasePath, modelsDirectory: join(folder, 'models'), logsDirectory: join(folder, 'logs'), sources: [plants] }
  desk = createTrainingDesk(store)
})
afterEach(() => {
  closeStore(db)
  rmSync(folder, { recursive: true, force: true })
})

/** The service with the real program behind it. */
function startTrainer({ once = false } = {}) {
  const stop = new AbortController()
  const events: { event: string }[] = []
  const report = (event: { event: string }) => void events.push(event)
  const ended = runTrainer({ ...store, program: [process.execPath, main], once, signal: stop.signal, report })
  return { events, ended, stop: () => [stop.abort(), ended][1] as Promise<void> }
}

async function until(holds: () => boolean, ms = 60_000): Promise<void> {
  for (const end = performance.now() + ms; !holds(); await Bun.sleep(20)) {
    if (performance.now() > end) throw new Error('did not come about in time')
  }
}

test('an ordered training waits for the trainer, is run by it, and leaves an inactive version with its notes, a log and audit rows', async () => {
  const { id } = await desk.order(order, 'eva')
  expect(desk.listJobs(10)).toMatchObject({ jobs: [{ id, status: 'queued', requestedBy: 'eva', attempt: 1 }], trainer: { alive: false } })
  await startTrainer({ once: true }).ended
  const job = desk.getJob(id)
  expect(job).toMatchObject({ status: 'done', failure: null })
  expect(getVersion(db, job.version!)).toMatchObject({ status: 'registered', notes: 'nightly' })
  expect(readState(db).active).toBeNull()
  const { lines } = await desk.readLog(id)
  expect(lines.some((line) => line.includes('train: extract'))).toBe(true)
  expect(desk.listJobs(10).trainer.alive).toBe(true)
  const acts = listAudit(db).map(({ action, actor }) => `${actor} ${action}`)
  expect(acts).toContain('eva training.enqueue')
  expect(acts).toContain('trainer training.done')
}, 120_000)

test('jobs run one at a time in their order; one that cannot be run fails with code and reason, and may be tried again', async () => {
  const bad = await desk.order({ ...order, source: '../plant-that-is-not-there' }, 'eva')
  const wrong = await desk.order({ ...order, mapping: 'nothing.json' }, 'eva')
  await startTrainer({ once: true }).ended
  expect(desk.getJob(bad.id)).toMatchObject({ status: 'failed', failure: { code: 'source_not_found' } })
  expect(desk.getJob(wrong.id)).toMatchObject({ status: 'failed', failure: { code: 'mapping_invalid' } })
  expect(listVersions(db)).toHaveLength(0)
  const again = await desk.retry(bad.id, 'kim')
  expect(again).toMatchObject({ status: 'queued', attempt: 2, requestedBy: 'kim' })
  await expect(desk.retry(again.id, 'kim')).rejects.toMatchObject({ code: 'job_conflict' })
}, 120_000)

describe('cancelling', () => {
  test('a waiting job ends at once', async () => {
    const { id } = await desk.order(order, 'eva')
    expect(await desk.cancel(id, 'eva')).toMatchObject({ status: 'cancelled' })
    await expect(desk.cancel(id, 'eva')).rejects.toMatchObject({ code: 'job_conflict' })
    await expect(desk.cancel(999, 'eva')).rejects.toMatchObject({ code: 'job_unknown' })
  })

  test('a running one is stopped, and leaves neither a version nor the lock', async () => {
    await writeSample({ out: join(plants, 'large'), items: 6_000, seed: 3 })
    const { id } = await desk.order({ ...order, source: 'large', mapping: 'large/mapping.json' }, 'eva')
    const trainer = startTrainer()
    await until(() => desk.getJob(id).progress !== null)
    await desk.cancel(id, 'eva')
    await until(() => desk.getJob(id).status !== 'running')
    expect(desk.getJob(id)).toMatchObject({ status: 'cancelled', version: null })
    await trainer.stop()
    const { lines } = await desk.readLog(id)
    expect(lines.at(-1)).toMatch(/^\S+Z cancelled$/)
    // the program says it, too, and nothing of a deadline or an error of its own
    const codes = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line).code)
    expect(codes).toEqual(['cancelled'])
    expect(listVersions(db)).toHaveLength(0)
    acquireTrainerLock(store.modelsDirectory, { holder: { pid: process.pid, host: 'h', startedAt: 'now', command: 'test' } }).release()
  }, 120_000)

  test('a trainer that is told to stop puts its job back', async () => {
    const { id } = await desk.order({ ...order, source: 'large', mapping: 'large/mapping.json' }, 'eva')
    const trainer = startTrainer()
    await until(() => desk.getJob(id).progress !== null)
    await trainer.stop()
    expect(desk.getJob(id)).toMatchObject({ status: 'queued', startedAt: null })
    const { lines } = await desk.readLog(id)
    expect(lines.at(-1)).toEndWith('stopped with the trainer; the job waits again')
  }, 120_000)
})

test('while another training holds the lock the job waits', async () => {
  const lock = acquireTrainerLock(store.modelsDirectory, { holder: { pid: process.pid, host: 'h', startedAt: 'now', command: 'by hand' } })
  const { id } = await desk.order(order, 'eva')
  const trainer = startTrainer()
  await until(() => trainer.events.some((event) => event.event === 'job.ended'))
  expect(desk.getJob(id).status).toBe('queued')
  lock.release()
  await trainer.stop()
}, 120_000)

test('what a dead trainer left running is closed once it was not seen for a while', async () => {
  const { id } = await desk.order(order, 'eva')
  const takenAt = new Date('2026-01-01T00:00:00Z')
  await takeJob(db, { pid: 1, now: takenAt })
  expect(await takeJob(db, { pid: 2, now: takenAt })).toBeNull()
  expect(await closeOrphans(db, { seenBefore: takenAt.getTime(), now: takenAt })).toBe(0)
  expect(await closeOrphans(db, { seenBefore: takenAt.getTime() + 1, now: takenAt })).toBe(1)
  expect(desk.getJob(id)).toMatchObject({ status: 'failed', failure: { reason: 'the trainer died' } })
})

describe('a schedule', () => {
  test('is checked, shown with its next time, and its order comes once however much was missed', async () => {
    await expect(desk.putSchedule('night', { cron: 'never', request: order, enabled: true }, 'eva')).rejects.toMatchObject({
      code: 'invalid_value',
      details: [{ path: '/cron' }],
    })
    for (const cron of ['0 0 31 2 *', '* * * * * *'])
      await expect(desk.putSchedule('night', { cron, request: order, enabled: true }, 'eva')).rejects.toMatchObject({
        code: 'invalid_value',
      })
    const night = await desk.putSchedule('night', { cron: '30 2 * * *', request: order, enabled: true }, 'eva')
    expect(new Date(night.nextAt!).getMinutes()).toBe(30)
    const due = Date.now() + 1
    expect(await enqueueDue(db, { name: 'night', due, now: new Date() })).toBe(true)
    expect(await enqueueDue(db, { name: 'night', due, now: new Date() })).toBe(false)
    expect(await enqueueDue(db, { name: 'night', due: due + 1, now: new Date() })).toBe(false)
    expect(desk.listJobs(10).jobs).toMatchObject([{ schedule: 'night', requestedBy: 'trainer' }])
    expect(await desk.putSchedule('night', { cron: '30 2 * * *', request: order, enabled: false }, 'eva')).toMatchObject({ nextAt: null })
    await desk.deleteSchedule('night', 'eva')
    await expect(desk.deleteSchedule('night', 'eva')).rejects.toMatchObject({ code: 'schedule_unknown' })
  })

  test('is due from when it was written or last came', () => {
    const at = (text: string) => new Date(`2026-03-05T${text}:00`)
    expect(lastDue('0 6 * * *', at('05:00'), at('05:59'))).toBeNull()
    expect(lastDue('0 6 * * *', at('05:00'), at('06:00'))).toEqual(at('06:00'))
    expect(lastDue('0 6 * * *', at('06:00'), at('09:00'))).toBeNull()
    expect(lastDue('0 6 * * *', new Date('2026-01-01T00:00:00'), at('09:00'))).toEqual(at('06:00'))
  })
})

test('paths lead below the sources only, whatever they look like', () => {
  writeFileSync(join(folder, 'secret.csv'), 'x')
  mkdirSync(join(folder, 'root'))
  symlinkSync(join(folder, 'secret.csv'), join(folder, 'root', 'link.csv'))
  writeFileSync(join(folder, 'root', 'in.csv'), 'x')
  const roots = [join(folder, 'root')]
  expect(pathBelow(roots, 'in.csv', 'source')).toEndWith('in.csv')
  for (const path of [
    '../secret.csv',
    join(folder, 'secret.csv'),
    'link.csv',
    'in.csv\0.txt',
    '..',
    '/etc/passwd',
    'no.csv',
    './../root/../secret.csv',
  ])
    expect(() => pathBelow(roots, path, 'source')).toThrow(expect.objectContaining({ code: 'source_not_found' }))
})
