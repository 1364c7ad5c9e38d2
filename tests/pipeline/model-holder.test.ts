import { afterEach, describe, expect, test } from 'bun:test'
import { DomainError } from '../../server/domain/error'
import { type HolderEvent, ModelHolder, type ModelHolderOptions } from '../../server/pipeline/model-holder'

interface FakeModel {
  version: string
  epoch: number
  retired: boolean
}
const makeModel = (version: string, epoch: number): FakeModel => ({ version, epoch, retired: false })

/** A holder over a registry that the test writes. */
function setUp(changes: Partial<ModelHolderOptions<FakeModel>> = {}) {
  const registry = { active: 'a' as string | null, epoch: 1 }
  const events: HolderEvent[] = []
  const opened: FakeModel[] = []
  let clock = 0
  const holder = new ModelHolder<FakeModel>({
    readTarget: () => ({ ...registry }),
    open: async (version, epoch) => {
      const model = makeModel(version, epoch)
      opened.push(model)
      return model
    },
    retire: (model) => {
      if (model.retired) throw new Error('retired twice')
      model.retired = true
    },
    report: (event) => events.push(event),
    now: () => clock,
    pollMs: 60_000,
    ...changes,
  })
  const first = makeModel('a', 1)
  holder.start(first)
  holders.push(holder)
  return {
    holder,
    first,
    events,
    opened,
    activate: (active: string) => Object.assign(registry, { active, epoch: registry.epoch + 1 }),
    wait: (ms: number) => {
      clock += ms
    },
  }
}
const holders: ModelHolder<FakeModel>[] = []
afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.stop()
})

const refuse = async (): Promise<FakeModel> => {
  throw new DomainError('artifact_corrupt', 'a file is damaged')
}

describe('the model holder', () => {
  test('refuses before any version is active', () => {
    const holder = new ModelHolder<FakeModel>({ readTarget: () => ({ active: null, epoch: 0 }), open: refuse, retire: () => {} })
    expect(() => holder.current()).toThrow('no version is active')
    expect(() => holder.lease()).toThrow(DomainError)
  })

  test('says that the active version cannot be served when that is why there is none', async () => {
    const holder = new ModelHolder<FakeModel>({
      readTarget: () => ({ active: 'bad', epoch: 3 }),
      open: refuse,
      retire: () => {},
      pollMs: 60_000,
    })
    holders.push(holder)
    holder.start(null)
    await holder.poll()
    expect(() => holder.current()).toThrow('the active version cannot be served (artifact_corrupt)')
  })

  test('swaps to what the registry names and retires the old model', async () => {
    const { holder, first, activate, events } = setUp()
    activate('b')
    expect(holder.current()).toBe(first)
    await holder.poll()
    expect(holder.current()).toMatchObject({ version: 'b', epoch: 2, retired: false })
    expect(first.retired).toBe(true)
    expect(events.map(({ event }) => event)).toEqual(['model.swapped'])
  })

  test('does nothing while the registry says what serves', async () => {
    const { holder, first, opened } = setUp()
    await holder.poll()
    await holder.poll()
    expect(opened).toEqual([])
    expect(holder.current()).toBe(first)
  })

  test('opens the same version again when its epoch grew: every answer says the epoch', async () => {
    const { holder, activate } = setUp()
    activate('a')
    await holder.poll()
    expect(holder.current()).toMatchObject({ version: 'a', epoch: 2 })
  })

  test('keeps the old model while a batch holds it, and retires it once after', async () => {
    const { holder, first, activate } = setUp()
    const [one, two] = [holder.lease(), holder.lease()]
    activate('b')
    await holder.poll()
    expect(one.model).toBe(first)
    expect(first.retired).toBe(false)
    expect(holder.status().draining).toBe(1)
    one.release()
    one.release()
    expect(first.retired).toBe(false)
    two.release()
    expect(first.retired).toBe(true)
    expect(holder.status().draining).toBe(0)
  })

  test('a lease of the serving model, released, retires nothing', async () => {
    const { holder, first, activate } = setUp()
    holder.lease().release()
    expect(first.retired).toBe(false)
    activate('b')
    await holder.poll()
    expect(first.retired).toBe(true)
  })

  test('keeps serving when the new version is refused, says why, and tries again later', async () => {
    const attempts: string[] = []
    const { holder, first, activate, wait, events } = setUp({
      open: (version) => {
        attempts.push(version)
        return refuse()
      },
      retryMs: 5_000,
    })
    activate('bad')
    await holder.poll()
    await holder.poll()
    expect(holder.current()).toBe(first)
    expect(first.retired).toBe(false)
    expect(attempts).toEqual(['bad'])
    expect(holder.status().refusal).toMatchObject({ version: 'bad', epoch: 2, code: 'artifact_corrupt' })
    expect(events.map(({ event }) => event)).toEqual(['model.refused'])
    wait(5_000)
    await holder.poll()
    expect(attempts).toEqual(['bad', 'bad'])
  })

  test('forgets the refusal when the registry goes back', async () => {
    const { holder, activate } = setUp({
      open: (version, epoch) => (version === 'bad' ? refuse() : Promise.resolve(makeModel(version, epoch))),
    })
    activate('bad')
    await holder.poll()
    activate('a')
    await holder.poll()
    expect(holder.status()).toMatchObject({ refusal: null, serving: { version: 'a', epoch: 3 } })
  })

  test('serves on when the registry cannot be read, and tells its age', async () => {
    const { holder, first, wait, events } = setUp({
      readTarget: () => {
        throw new DomainError('database_unavailable', 'gone')
      },
    })
    wait(6_000)
    await holder.poll()
    expect(holder.current()).toBe(first)
    expect(holder.status().registryAgeMs).toBe(6_000)
    expect(events).toEqual([{ event: 'registry.unreadable', code: 'database_unavailable' }])
  })

  test('a model that is ready only after the stop is retired, not served', async () => {
    let finish = (_: FakeModel) => {}
    const late = makeModel('b', 2)
    const { holder, first, activate } = setUp({
      open: () => new Promise((resolve) => (finish = resolve)),
    })
    activate('b')
    void holder.poll()
    const stopped = holder.stop()
    finish(late)
    await stopped
    expect([first.retired, late.retired]).toEqual([true, true])
    expect(() => holder.current()).toThrow(DomainError)
  })

  test('follows the registry by itself', async () => {
    const { holder, activate } = setUp({ pollMs: 5 })
    activate('b')
    for (let tries = 0; holder.current().version !== 'b' && tries < 200; tries++) await Bun.sleep(5)
    expect(holder.current().version).toBe('b')
  })
})
