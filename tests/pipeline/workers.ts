/** Several serving processes in one: each with a connection, a holder and a part in switches of its own, over one registry on disk. */
import { afterEach } from 'bun:test'
import { join } from 'node:path'
import type { Actor } from '../../server/domain/actor'
import { ModelHolder } from '../../server/pipeline/model-holder'
import { openVersion, type Prepare, register } from '../../server/pipeline/registry'
import { createSwitching, type SwitchingEvent } from '../../server/pipeline/switching/switching'
import { activateVersion } from '../../server/store/model-version'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { publishSample, temporaryDirectory } from '../artifacts/sample-version'

export interface SmallModel {
  version: string
  epoch: number
  retired: boolean
}
/** Stands for opening a model. */
export const open: Prepare<SmallModel> = async (_directory, { version }, { epoch }) => ({ version, epoch, retired: false })
export const admin: Actor = { id: 1, name: 'eva', requestId: 'request-1' }

/** Why somebody switches. */
export const order = { why: 'better figures' }

export interface Place {
  db: Db
  path: string
  models: string
  versions: string[]
  /** A serving process; it follows the registry from now on. */
  worker: (input?: { prepare?: Prepare<SmallModel> }) => Promise<Worker>
  close: () => Promise<void>
}
export interface Worker {
  bootId: string
  holder: ModelHolder<SmallModel>
  switching: ReturnType<typeof createSwitching>
  events: SwitchingEvent[]
  /** As kill -9: it says nothing any more, and takes back nothing. */
  die: () => void
}

async function makePlace(count: number): Promise<Place> {
  const directory = temporaryDirectory()
  const [models, path] = [join(directory, 'm'), join(directory, 'rw.sqlite')]
  const db = openStore(path)
  const versions: string[] = []
  for (let nth = 0; nth < count; nth++) {
    const { version } = await publishSample(models)
    await register(db, models, { version, who: 'trainer' })
    versions.push(version)
  }
  const ends: (() => Promise<void>)[] = []
  let workers = 0
  const worker: Place['worker'] = async ({ prepare = open } = {}) => {
    const own = openStore(path)
    const bootId = crypto.randomUUID()
    const events: SwitchingEvent[] = []
    const life = { dead: false }
    const holder = new ModelHolder<SmallModel>({
      readTarget: () => {
        if (life.dead) throw new Error('dead')
        return switching.readTarget()
      },
      open: async (version, epoch) => (await openVersion(own, models, { version, epoch, prepare })).model,
      retire: (model) => {
        model.retired = true
      },
      report: ({ event }) => {
        if (event === 'model.swapped') switching.changed()
      },
    })
    const switching: Worker['switching'] = createSwitching({
      db: own,
      modelsDirectory: models,
      bootId,
      worker: ++workers,
      holder: () => holder,
      configRevision: () => 0,
      isStopping: () => false,
      report: (event) => events.push(event),
      reportFailure: (error) => {
        if (!life.dead) throw error
      },
    })
    holder.start(null)
    await holder.poll()
    await switching.start()
    const end = async () => {
      await switching.stop()
      await holder.stop()
      closeStore(own)
    }
    ends.push(end)
    return {
      bootId,
      holder,
      switching,
      events,
      die: () => {
        life.dead = true
        own.$client.close()
        ends.splice(ends.indexOf(end), 1)
        void switching.stop().catch(() => {})
        void holder.stop()
      },
    }
  }
  const close = async () => {
    for (const end of ends.splice(0)) await end()
    closeStore(db)
  }
  return { db, path, models, versions, worker, close }
}

/** Places of a test file, closed after each test: so many versions, of which the first serves unless none does. */
export function usePlaces(): (count: number, options?: { serving?: boolean }) => Promise<Place> {
  const places: Place[] = []
  afterEach(async () => {
    for (const place of places.splice(0)) await place.close()
  })
  return async (count, { serving = true } = {}) => {
    const place = await makePlace(count)
    places.push(place)
    const first = { version: place.versions[0], kind: 'activate', who: 'eva', why: '', ifEpoch: 0, now: new Date() } as const
    if (serving) await activateVersion(place.db, first)
    return place
  }
}
