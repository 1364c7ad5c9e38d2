import { describe, expect, test } from 'bun:test'
import { tmpdir } from 'node:os'
import { Value } from '@sinclair/typebox/value'
import { Health } from '../../server/contract/health'
import { DomainError } from '../../server/domain/error'
import { createHealth, type HealthOptions } from '../../server/pipeline/health'
import type { HolderStatus } from '../../server/pipeline/model-holder'
import type { RecorderStatus } from '../../server/pipeline/recorder'

const sound: HolderStatus = {
  serving: { version: '2026.01.31_1', epoch: 4 },
  target: { active: '2026.01.31_1', epoch: 4 },
  refusal: null,
  registryAgeMs: 50,
  mapped: ['2026.01.31_1'],
  draining: 0,
}

function setUp(changes: Partial<HealthOptions> = {}, status: Partial<HolderStatus> = {}) {
  const asked = { index: 0, database: 0 }
  let clock = 0
  const services = createHealth({
    version: '1.2.3',
    holder: () => ({ ...sound, ...status }),
    askIndex: () => void asked.index++,
    askDatabase: () => void asked.database++,
    folders: { models: tmpdir() },
    isStopping: () => false,
    loopLagMs: () => 3,
    now: () => clock,
    date: () => new Date('2026-01-31T08:00:00Z'),
    ...changes,
  })
  return { ...services, asked, wait: (ms: number) => (clock += ms) }
}
const fails = (): never => {
  throw new DomainError('engine_failed', 'a stored item does not find itself')
}

describe('health', () => {
  test('asks every part and passes when all answer', async () => {
    const { health, asked } = setUp()
    const answer = await health()
    expect(Value.Check(Health, answer)).toBe(true)
    expect(answer).toMatchObject({ status: 'pass', version: '1.2.3', releaseId: '2026.01.31_1' })
    expect(Object.keys(answer.checks)).toContain('disk:utilization')
    expect(asked).toEqual({ index: 1, database: 1 })
  })

  test('asks at most once a second, however many look', async () => {
    const { health, ready, asked, wait } = setUp()
    for (let times = 0; times < 10; times++) {
      await health()
      ready()
    }
    expect(asked).toEqual({ index: 1, database: 1 })
    wait(1_000)
    await health()
    expect(asked).toEqual({ index: 2, database: 2 })
  })

  test('fails when the index does not answer, and says why', async () => {
    const { health, ready } = setUp({ askIndex: fails })
    const answer = await health()
    expect(answer.status).toBe('fail')
    expect(answer.checks['index:query'][0]).toMatchObject({ status: 'fail', output: 'a stored item does not find itself' })
    expect(ready()).toMatchObject({ ready: false, reason: 'the index does not answer' })
  })

  test('says nothing of an unexpected error', async () => {
    const secret = () => {
      throw new Error('/etc/secret')
    }
    const text = JSON.stringify(await setUp({ askIndex: secret, askDatabase: secret }).health())
    expect(text).not.toContain('secret')
  })

  test('only warns when the database does not answer: predictions do not need it', async () => {
    const { health, ready } = setUp({ askDatabase: fails })
    expect((await health()).status).toBe('warn')
    expect(ready().ready).toBe(true)
  })

  test('warns when the active version was refused and another serves', async () => {
    const refusal = { version: '2026.02.01_1', epoch: 5, code: 'artifact_corrupt', message: 'a file is damaged' }
    const answer = await setUp({}, { refusal }).health()
    expect(answer.status).toBe('warn')
    expect(answer.checks['registry:agreement'][0].output).toContain('2026.02.01_1')
    expect(answer.checks['registry:agreement'][0].output).toContain('artifact_corrupt')
  })

  test('fails when the active version was refused and nothing serves', async () => {
    const refusal = { version: '2026.02.01_1', epoch: 5, code: 'artifact_corrupt', message: 'a file is damaged' }
    const { health, ready } = setUp({ askIndex: fails }, { refusal, serving: null })
    expect((await health()).checks['registry:agreement'][0]).toMatchObject({ status: 'fail' })
    expect(ready()).toMatchObject({ ready: false, reason: 'the active version cannot be served' })
  })

  test('fails without a model', async () => {
    const without = setUp({ askIndex: fails }, { serving: null, target: { active: null, epoch: 0 } })
    expect(await without.health()).toMatchObject({ status: 'fail', releaseId: null })
    expect(without.ready()).toEqual({ ready: false, reason: 'no version is active', version: null, epoch: null })
  })

  test('says how many records wait for the database, and warns when it cannot be written or some were lost', async () => {
    const recorder = { buffered: 3, bufferedMax: 100, dropped: { proposals: 0, requests: 0 }, lastFlush: null, problem: null }
    const checksOf = async (changes: Partial<RecorderStatus>) =>
      (await setUp({ recorder: () => ({ ...recorder, ...changes }) }).health()).checks
    expect(await checksOf({})).toMatchObject({
      'records:buffered': [{ status: 'pass', observedValue: 3, observedUnit: 'proposals' }],
      'records:dropped': [{ status: 'pass', observedValue: 0 }],
      'records:lastFlush': [{ status: 'pass', observedValue: 'never' }],
    })
    expect((await checksOf({ problem: 'storage_full' }))['records:buffered'][0]).toMatchObject({ status: 'warn', output: 'storage_full' })
    expect((await checksOf({ buffered: 51 }))['records:buffered'][0].status).toBe('warn')
    const lost = await checksOf({ dropped: { proposals: 7, requests: 2 }, lastFlush: new Date('2026-01-31T07:00:00Z') })
    expect(lost['records:dropped'][0]).toMatchObject({ status: 'warn', observedValue: 7, output: expect.stringContaining('2 requests') })
    expect(lost['records:lastFlush'][0].observedValue).toBe('2026-01-31T07:00:00.000Z')
    expect(await setUp().health()).not.toHaveProperty(['checks', 'records:buffered'])
  })

  test('warns about a folder that cannot be looked at', async () => {
    const answer = await setUp({ folders: { models: '/nonexistent/folder' } }).health()
    expect(answer.checks['disk:utilization'][0].status).toBe('warn')
  })
})

describe('readiness', () => {
  test('ends with the order to stop', () => {
    expect(setUp({ isStopping: () => true }).ready()).toMatchObject({ ready: false, reason: 'stopping' })
  })

  test('ends when the registry was not read for five seconds', () => {
    expect(setUp({}, { registryAgeMs: 5_001 }).ready()).toMatchObject({ ready: false, reason: 'the registry cannot be read' })
    expect(setUp({}, { registryAgeMs: 4_999 }).ready().ready).toBe(true)
  })
})

describe('liveness', () => {
  test('depends on nothing but the event loop', () => {
    expect(setUp({ askIndex: fails, askDatabase: fails }, { serving: null }).live().status).toBe('pass')
    expect(setUp({ loopLagMs: () => 1_500 }).live().status).toBe('fail')
  })
})
