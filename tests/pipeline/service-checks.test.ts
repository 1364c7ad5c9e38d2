import { expect, test } from 'bun:test'
import {
  checkBackup,
  checkCache,
  checkCookies,
  checkDatabaseFile,
  checkLogs,
  checkTraining,
  checkWorkers,
  type WorkerView,
} from '../../server/pipeline/health/service'

const statusOf = (checks: [string, { status: string }][], name: string) => checks.find(([own]) => own === name)?.[1].status
const worker = (changes: Partial<WorkerView> = {}): WorkerView => ({
  worker: 1,
  epoch: 4,
  configRevision: 2,
  alive: true,
  stopping: false,
  ...changes,
})

test('a worker that is behind is told of, once it had the time to come along', () => {
  const skew = (workers: WorkerView[], ago = 10_000) =>
    checkWorkers(workers, { epoch: 4, configRevision: 2, since: 0, now: ago }).find(([name]) => name === 'workers:epoch-skew')![1]
  expect(skew([worker(), worker({ worker: 2 })])).toMatchObject({ status: 'pass', observedValue: 0 })
  expect(skew([worker(), worker({ worker: 2, epoch: 3 })])).toMatchObject({
    status: 'warn',
    observedValue: 1,
    output: expect.stringContaining('worker 2'),
  })
  expect(skew([worker(), worker({ worker: 2, configRevision: 1 })]).status).toBe('warn')
  expect(skew([worker({ epoch: 3 })], 1_000).status).toBe('pass')
  // the dead and those that stop are nobody's concern
  expect(skew([worker(), worker({ epoch: 1, alive: false }), worker({ epoch: 1, stopping: true })]).status).toBe('pass')
})

test('a database file that was replaced fails, a long write-ahead log warns', () => {
  const checks = (replaced: boolean, wal: number) => checkDatabaseFile({ isReplaced: () => replaced, walBytes: () => wal })
  expect(statusOf(checks(false, 0), 'db:file')).toBe('pass')
  expect(statusOf(checks(true, 0), 'db:file')).toBe('fail')
  expect(statusOf(checks(false, 64_000_001), 'db:wal')).toBe('warn')
})

test('lost lines, failed trainings, old copies and cookies without TLS warn', () => {
  const log = { dropped: 0, waitingBytes: 0, problem: null }
  expect(statusOf(checkLogs(log), 'logs:dropped')).toBe('pass')
  expect(statusOf(checkLogs({ ...log, dropped: 1 }), 'logs:dropped')).toBe('warn')
  expect(checkLogs({ ...log, problem: 'ENOSPC', waitingBytes: 9 })[0][1]).toMatchObject({
    status: 'warn',
    output: expect.stringContaining('ENOSPC'),
  })
  expect(checkTraining(null)[0][1]).toMatchObject({ status: 'pass', observedValue: 'never' })
  expect(checkTraining({ status: 'failed', endedAt: 1, failureReason: 'no items' })[0][1]).toMatchObject({
    status: 'warn',
    output: 'no items',
  })
  const day = 86_400_000
  expect(statusOf(checkBackup({ at: 0 }, null, day), 'backup:age')).toBe('pass')
  expect(statusOf(checkBackup({ at: 0 }, null, 3 * day), 'backup:age')).toBe('warn')
  expect(statusOf(checkBackup(null, 'database disk image is malformed', day), 'db:integrity')).toBe('fail')
  expect([checkCookies(true)[0][1].status, checkCookies(false)[0][1].status]).toEqual(['warn', 'pass'])
})

test('how full the cache is counts whatever is nearer to its bound', () => {
  expect(checkCache({ bytes: 10, entries: 90 }, { bytes: 100, entries: 100 })[0][1].observedValue).toBe(90)
  expect(checkCache({ bytes: 0, entries: 0 }, { bytes: 0, entries: 0 })[0][1].observedValue).toBe(0)
})
