import { describe, expect, test } from 'bun:test'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DomainError } from '../../server/domain/error'
import { switchVersion } from '../../server/pipeline/switching/coordinate'
import { listActivations } from '../../server/store/activation'
import { listIntents, openIntent, readOpenIntent } from '../../server/store/activation-intent'
import { listAudit, verifyAuditChain } from '../../server/store/audit'
import { getVersion, readState } from '../../server/store/model-version'
import { livingWorkers } from '../../server/store/worker-state'
import { until } from '../serve/live-server'
import { admin, open, order, usePlaces } from './workers'

const setUp = usePlaces()
const statuses = (steps: { step: string; status: string }[]) => Object.fromEntries(steps.map(({ step, status }) => [step, status]))

describe('a switch across workers', () => {
  test('is answered when every worker serves the version, and goes back the same way', async () => {
    const { db, versions, worker } = await setUp(2)
    const [one, two] = [await worker(), await worker()]
    const { state, intent, warning } = await one.switching.services.activateModel(versions[1], order, admin)
    expect(state).toMatchObject({ active: versions[1], previous: versions[0], epoch: 2 })
    for (const { holder } of [one, two]) expect(holder.current()).toMatchObject({ version: versions[1], epoch: 2, retired: false })
    expect(livingWorkers(db, new Date()).map(({ version, epoch }) => ({ version, epoch }))).toEqual([
      { version: versions[1], epoch: 2 },
      { version: versions[1], epoch: 2 },
    ])
    expect(intent).toMatchObject({ status: 'probation', kind: 'activate', who: 'eva', ifEpoch: 1, failure: null })
    expect(statuses(intent.steps)).toMatchObject({ verify: 'done', prepare: 'done', gate: 'done', commit: 'done', swap: 'done' })
    expect(intent.steps.find(({ step }) => step === 'prepare')).toMatchObject({
      note: '2 of 2 workers',
      told: { code: 'workers_ready', values: { ready: 2, all: 2 } },
    })
    expect(intent.steps.find(({ step }) => step === 'gate')?.told?.code).toBe('not_compared')
    // these versions carry no figures
    expect(warning).toContain('no quality report')
    const back = await two.switching.services.rollbackModel({ why: 'worse' }, admin)
    expect(back.state).toMatchObject({ active: versions[0], epoch: 3 })
    for (const { holder } of [one, two]) expect(holder.current()).toMatchObject({ version: versions[0], epoch: 3, retired: false })
    expect(listActivations(db).map(({ kind, who, why }) => [kind, who, why])).toEqual([
      ['rollback', 'eva', 'worse'],
      ['activate', 'eva', 'better figures'],
      ['activate', 'eva', ''],
    ])
    expect(JSON.parse(listAudit(db, { limit: 1 })[0].details)).toMatchObject({ requestId: 'request-1', from: versions[1] })
    // the first switch is watched no more
    expect(listIntents(db).map(({ status }) => status)).toEqual(['probation', 'settled'])
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('then tells that nobody uses the old version, and watches the new one', async () => {
    const { db, versions, worker } = await setUp(2)
    const one = await worker()
    const batch = one.holder.lease()
    await one.switching.services.activateModel(versions[1], order, admin)
    const drain = () => listIntents(db)[0].steps.find(({ step }) => step === 'drain')!
    expect(await until(() => drain().status === 'running')).toBe(true)
    expect(drain().note).toContain('1 batches')
    expect(batch.model.retired).toBe(false)
    batch.release()
    expect(await until(() => drain().status === 'done')).toBe(true)
    expect(listIntents(db)[0].status).toBe('probation')
  })

  test('a damaged file is named, the version marked, the active one stays', async () => {
    const { db, models, versions, worker } = await setUp(2)
    const one = await worker()
    const file = join(models, versions[1], 'vectors.f32')
    chmodSync(file, 0o644)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.with(9, bytes[9] ^ 1))
    await expect(one.switching.services.activateModel(versions[1], order, admin)).rejects.toMatchObject({ code: 'artifact_corrupt' })
    expect(getVersion(db, versions[1])).toMatchObject({ status: 'failed', failure: { code: 'artifact_corrupt' } })
    expect(listIntents(db)[0]).toMatchObject({ status: 'failed', failure: { code: 'artifact_corrupt' } })
    expect(statuses(listIntents(db)[0].steps)).toMatchObject({ verify: 'failed', prepare: 'waiting' })
    expect(one.holder.current()).toMatchObject({ version: versions[0], epoch: 1 })
    expect(readState(db)).toMatchObject({ active: versions[0], epoch: 1 })
  })

  test('one worker that cannot open it is enough to refuse it; the others let go of it', async () => {
    const { db, versions, worker } = await setUp(2)
    const prepare: typeof open = async (directory, manifest, options) => {
      if (manifest.version === versions[1]) throw new DomainError('golden_failed', '3 of 100 golden queries answer otherwise')
      return open(directory, manifest, options)
    }
    const [one] = [await worker(), await worker({ prepare })]
    await expect(one.switching.services.activateModel(versions[1], order, admin)).rejects.toMatchObject({ code: 'golden_failed' })
    expect(getVersion(db, versions[1])).toMatchObject({ status: 'failed', failure: { code: 'golden_failed' } })
    expect(await until(() => one.holder.status().mapped.length === 1)).toBe(true)
    expect(one.holder.current()).toMatchObject({ version: versions[0], epoch: 1 })
  })

  test('too little memory refuses it with the figures and leaves it unmarked', async () => {
    const { db, models, versions, worker } = await setUp(2)
    await worker()
    const options = { db, modelsDirectory: models, coordinator: 'cli:test', memoryAvailable: () => 1_000 }
    const refused = expect(switchVersion(options, { version: versions[1], kind: 'activate', who: 'eva', why: '' })).rejects
    await refused.toMatchObject({ code: 'memory_short', details: [{ path: 'memory', message: '8559 bytes needed, 1000 available' }] })
    expect(getVersion(db, versions[1]).status).toBe('registered')
    expect(listIntents(db)[0].status).toBe('aborted')
  })

  test('what is mapped already needs no memory and no reading', async () => {
    const { db, models, versions, worker } = await setUp(2)
    const one = await worker()
    await one.switching.services.activateModel(versions[1], order, admin)
    const options = { db, modelsDirectory: models, coordinator: 'cli:test', memoryAvailable: () => 0 }
    const { intent } = await switchVersion(options, { version: versions[0], kind: 'rollback', who: 'eva', why: '' })
    expect(statuses(intent.steps)).toMatchObject({ verify: 'done', gate: 'skipped', swap: 'done' })
  })
})

describe('who comes late', () => {
  test('of admins that switch at once one wins each time; the others learn the epoch', async () => {
    const { db, versions, worker } = await setUp(3)
    const workers = [await worker(), await worker()]
    for (let round = 0; round < 5; round++) {
      const { active, epoch } = readState(db)
      const targets = versions.filter((version) => version !== active)
      const acts = [...targets, ...targets].map((version, at) =>
        workers[at % 2].switching.services.activateModel(version, { why: '', ifEpoch: epoch }, admin),
      )
      const outcomes = await Promise.allSettled(acts)
      const won = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.state.active] : []))
      expect(won).toHaveLength(1)
      expect(readState(db)).toMatchObject({ active: won[0], epoch: epoch + 1 })
      for (const one of outcomes) {
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'version_conflict', details: [{ path: 'epoch' }] })
      }
    }
    expect(listActivations(db)).toHaveLength(6)
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('a worker that dies while it prepares is not waited for longer than three seconds', async () => {
    const { versions, worker } = await setUp(2)
    const [one, two] = [
      await worker(),
      await worker({ prepare: (...input) => (input[2].epoch === 0 ? new Promise(() => {}) : open(...input)) }),
    ]
    const startedAt = performance.now()
    const switching = one.switching.services.activateModel(versions[1], order, admin)
    await Bun.sleep(300)
    two.die()
    expect((await switching).intent.steps.find(({ step }) => step === 'prepare')?.note).toBe('1 of 1 workers')
    expect(performance.now() - startedAt).toBeLessThan(6_000)
    expect(one.holder.current()).toMatchObject({ version: versions[1], epoch: 2 })
  })

  test('a switch whose leader died is given up, and the next one goes through', async () => {
    const { db, versions, worker } = await setUp(2)
    const one = await worker()
    await openIntent(db, { version: versions[1], kind: 'activate', ifEpoch: 1, who: 'eva', why: '', coordinator: 'gone', now: new Date() })
    expect(await until(() => readOpenIntent(db) === null)).toBe(true)
    expect(listIntents(db)[0]).toMatchObject({ status: 'aborted', failure: { reason: 'the process that led the switch is gone' } })
    expect(one.events).toMatchObject([{ event: 'switch.abandoned', version: versions[1] }])
    expect((await one.switching.services.activateModel(versions[1], order, admin)).state.epoch).toBe(2)
  })

  test('a leader that was given up for dead cannot commit any more', async () => {
    const { db, models, versions, worker } = await setUp(2)
    await worker()
    const options = {
      db,
      modelsDirectory: models,
      coordinator: 'cli:frozen',
      memoryAvailable: () => {
        // as if it had been stopped here for long
        db.$client.run("UPDATE activation_intents SET status = 'aborted' WHERE status = 'preparing'")
        return 1e12
      },
    }
    await expect(switchVersion(options, { version: versions[1], kind: 'activate', who: 'eva', why: '' })).rejects.toMatchObject({
      code: 'version_conflict',
    })
    expect(readState(db).epoch).toBe(1)
    expect(getVersion(db, versions[1]).status).toBe('registered')
  })
})

describe('a version on probation', () => {
  test('that fails is taken back by itself, marked, and the one before serves again', async () => {
    const { db, versions, worker } = await setUp(2)
    const [one, two] = [await worker(), await worker()]
    await one.switching.services.activateModel(versions[1], order, admin)
    const answer = () => {
      for (const { holder, switching } of [one, two]) {
        const failed = holder.current().version === versions[1] && Math.random() < 0.05
        switching.noteAnswer(holder.current().epoch, { failed, empty: false, ms: 1 })
      }
    }
    const traffic = setInterval(() => Array.from({ length: 20 }, answer), 20)
    const startedAt = performance.now()
    expect(await until(() => readState(db).epoch === 3, 15_000)).toBe(true)
    expect(performance.now() - startedAt).toBeLessThan(15_000)
    expect(await until(() => [one, two].every(({ holder }) => holder.current().epoch === 3))).toBe(true)
    clearInterval(traffic)
    for (const { holder } of [one, two]) expect(holder.current().version).toBe(versions[0])
    expect(listActivations(db)[0]).toMatchObject({ kind: 'auto_rollback', who: 'system', from: versions[1], to: versions[0] })
    expect(listActivations(db)[0].why).toMatch(/requests failed$/)
    expect(getVersion(db, versions[1])).toMatchObject({ status: 'failed', failure: { code: 'engine_failed' } })
    expect(listIntents(db)[0]).toMatchObject({ status: 'rolled_back' })
    expect(listAudit(db, { limit: 1 })[0]).toMatchObject({ actor: 'system', action: 'model.auto_rollback' })
  }, 30_000)

  test('with nothing to go back to stays, and people are told', async () => {
    const place = await setUp(1, { serving: false })
    const one = await place.worker()
    await one.switching.services.activateModel(place.versions[0], order, admin)
    for (let times = 0; times < 50; times++) one.switching.noteAnswer(1, { failed: true, empty: false, ms: 1 })
    expect(await until(() => one.events.some(({ event }) => event === 'model.not_taken_back'))).toBe(true)
    expect(readState(place.db)).toMatchObject({ active: place.versions[0], epoch: 1 })
  })
})
