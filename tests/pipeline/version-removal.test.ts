/** Deleting versions, also while others activate them, and the notes that are kept of them. */
import { describe, expect, test } from 'bun:test'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { listAudit, verifyAuditChain } from '../../server/store/audit'
import { listVersions, readState } from '../../server/store/model-version'
import { livingWorkers } from '../../server/store/worker-state'
import { until } from '../serve/live-server'
import { admin, order, usePlaces } from './workers'

const setUp = usePlaces()

describe('deleting', () => {
  test('never the active version, the one before, or one that a worker has open', async () => {
    const { db, models, versions, worker } = await setUp(4)
    const one = await worker()
    await one.switching.services.activateModel(versions[1], order, admin)
    await one.switching.services.activateModel(versions[2], order, admin)
    const refused = (version: string, code: string) =>
      expect(one.switching.services.deleteModel(version, admin)).rejects.toMatchObject({ code })
    await refused(versions[2], 'version_in_use')
    await refused(versions[1], 'version_in_use')
    const deleted = await one.switching.services.deleteModel(versions[3], admin)
    expect(deleted).toEqual({ version: versions[3], filesRemoved: true })
    expect(existsSync(join(models, versions[3]))).toBe(false)
    await refused(versions[3], 'version_unknown')
    await expect(one.switching.services.activateModel(versions[3], order, admin)).rejects.toMatchObject({ code: 'version_unknown' })
    expect(listVersions(db).map(({ version }) => version)).not.toContain(versions[3])
    // a batch still holds the first one, so a worker has it mapped
    const batch = one.holder.lease()
    await one.switching.services.activateModel(versions[0], order, admin)
    await one.switching.services.rollbackModel({ why: '' }, admin)
    await one.switching.services.activateModel(versions[1], order, admin)
    await until(() => livingWorkers(db, new Date())[0].mapped.length === 2)
    batch.release()
    await until(() => !livingWorkers(db, new Date())[0].mapped.includes(versions[0]))
    expect(await one.switching.services.deleteModel(versions[0], admin)).toMatchObject({ filesRemoved: true })
    expect(verifyAuditChain(db)).toBeNull()
  })

  test('races activation: the version serves or it is gone, never both', async () => {
    const { db, models, versions, worker } = await setUp(9)
    const [one, two] = [await worker(), await worker()]
    const outcomes = { activated: 0, deleted: 0 }
    for (const version of versions.slice(1)) {
      const wait = Math.random() * 60
      const [activated, deleted] = await Promise.allSettled([
        one.switching.services.activateModel(version, order, admin),
        Bun.sleep(wait).then(() => two.switching.services.deleteModel(version, admin)),
      ])
      expect([activated.status, deleted.status].sort()).toEqual(['fulfilled', 'rejected'])
      const serves = readState(db).active === version
      expect(serves).toBe(activated.status === 'fulfilled')
      expect(existsSync(join(models, version))).toBe(serves)
      if (serves) outcomes.activated++
      else outcomes.deleted++
    }
    expect(outcomes.activated + outcomes.deleted).toBe(8)
    for (const { holder } of [one, two]) expect(holder.current().version).toBe(readState(db).active!)
  }, 30_000)
})

test('notes are kept with what they were', async () => {
  const { db, versions, worker } = await setUp(1)
  const one = await worker()
  expect(await one.switching.services.annotateModel(versions[0], '시험 <b>', admin)).toMatchObject({ notes: '시험 <b>' })
  const { action, details } = listAudit(db, { limit: 1 })[0]
  expect({ action, details: JSON.parse(details) }).toEqual({
    action: 'model.annotate',
    details: { before: '', after: '시험 <b>', requestId: 'request-1' },
  })
})
