/** Files of the active version that are read again. */
import { describe, expect, test } from 'bun:test'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rehashActive } from '../../server/pipeline/switching/rehash'
import { getVersion, readState } from '../../server/store/model-version'
import { until } from '../serve/live-server'
import { admin, order, type Place, usePlaces, type Worker } from './workers'

const setUp = usePlaces()

describe('files that are read again', () => {
  const tomorrow = () => new Date(Date.now() + 25 * 3_600_000)
  const rot = ({ models, versions }: Place, nth: number) => {
    const file = join(models, versions[nth], 'index.usearch')
    chmodSync(file, 0o644)
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.with(77, bytes[77] ^ 8))
  }
  const rehash = ({ db, models }: Place, { holder }: Worker, now: Date) => {
    const events: string[] = []
    const report = ({ event }: { event: string }) => events.push(event)
    return rehashActive({ db, modelsDirectory: models, prepare: (version) => holder.prepare(version), report, now }).then((read) => ({
      read,
      events,
    }))
  }

  test('once a day; a version whose file rotted is taken back', async () => {
    const place = await setUp(2)
    const one = await place.worker()
    await one.switching.services.activateModel(place.versions[1], order, admin)
    expect(await rehash(place, one, new Date())).toEqual({ read: false, events: [] })
    expect(await rehash(place, one, tomorrow())).toEqual({ read: true, events: [] })
    expect(await rehash(place, one, tomorrow())).toEqual({ read: false, events: [] })
    rot(place, 1)
    const later = new Date(Date.now() + 60 * 3_600_000)
    expect(await rehash(place, one, later)).toEqual({ read: true, events: ['model.damaged', 'model.taken_back'] })
    expect(readState(place.db)).toMatchObject({ active: place.versions[0], epoch: 3 })
    expect(getVersion(place.db, place.versions[1])).toMatchObject({ status: 'failed', failure: { code: 'artifact_corrupt' } })
    expect(await until(() => one.holder.current().version === place.versions[0])).toBe(true)
  })

  test('where the one before is damaged too, what is in memory goes on', async () => {
    const place = await setUp(2)
    const one = await place.worker()
    await one.switching.services.activateModel(place.versions[1], order, admin)
    rot(place, 0)
    rot(place, 1)
    expect(await rehash(place, one, tomorrow())).toEqual({ read: true, events: ['model.damaged'] })
    expect(readState(place.db)).toMatchObject({ active: place.versions[1], epoch: 2 })
    expect(one.holder.current()).toMatchObject({ version: place.versions[1], retired: false })
  })
})
