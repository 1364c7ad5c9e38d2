import { afterEach, describe, expect, test } from 'bun:test'
import { DomainError } from '../../server/domain/error'
import { ModelHolder } from '../../server/pipeline/model-holder'
import { type FakeModel, holders, makeModel, refuse, setUp, stopHolders } from './small-holder'

afterEach(stopHolders)

describe('the model holder', () => {
  test('refuses before any version is active', () => {
    const holder = new ModelHolder<FakeModel>({ readTarget: () => ({ active: null, epoch: 0 }), open: refuse, retire: () => {} })
    expect(() => holder.current()).toThrow('no version is active')
    expect(() => holder.lease()).toThrow(DomainError)
  })

  test('asked before the start opens nothing: what the start brings serves, and is not retired by a second one', async () => {
    const opened: FakeModel[] = []
    let clock = 0
    const holder = new ModelHolder<FakeModel>({
      readTarget: () => ({ active: 'a', epoch: 1 }),
      open: async (version, epoch) => {
        opened.push(makeModel(version, epoch))
        return opened.at(-1)!
      },
      retire: (model) => {
        model.retired = true
      },
      now: () => clock,
    })
    holders.push(holder)
    clock += 1_000
    expect(() => holder.current()).toThrow(DomainError)
    const first = makeModel('a', 1)
    holder.start(first)
    await Bun.sleep(5)
    clock += 1_000
    expect(holder.current()).toBe(first)
    await Bun.sleep(5)
    expect([opened.length, first.retired]).toEqual([0, false])
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

  test('swaps to what the registry names and keeps the old model at hand; the one before that is retired', async () => {
    const { holder, first, activate, events } = setUp()
    activate('b')
    expect(holder.current()).toBe(first)
    await holder.poll()
    expect(holder.current()).toMatchObject({ version: 'b', epoch: 2, retired: false })
    expect(first.retired).toBe(false)
    expect(events.map(({ event }) => event)).toEqual(['model.swapped'])
    expect(holder.status().mapped).toEqual(['a', 'b'])
    activate('c')
    await holder.poll()
    expect(first.retired).toBe(true)
    expect(holder.status().mapped).toEqual(['b', 'c'])
  })

  test('goes back without opening anything, under the new epoch', async () => {
    const { holder, opened, activate } = setUp()
    for (const version of ['b', 'a', 'b', 'a']) {
      activate(version)
      await holder.poll()
      expect(holder.current()).toMatchObject({ version, retired: false })
    }
    expect(holder.current().epoch).toBe(5)
    expect(opened.map(({ version }) => version)).toEqual(['b'])
    expect(holder.status().mapped).toEqual(['a', 'b'])
  })

  test('gives up the version to go back to when memory is short, and opens it again when it is needed', async () => {
    const { holder, first, opened, activate } = setUp()
    activate('b')
    await holder.poll()
    expect([holder.dropPrevious(), holder.dropPrevious()]).toEqual([true, false])
    expect(first.retired).toBe(true)
    activate('a')
    await holder.poll()
    expect(holder.current()).toMatchObject({ version: 'a', epoch: 3, retired: false })
    expect(opened.map(({ version }) => version)).toEqual(['b', 'a'])
  })

  test('a version that was prepared serves at once, before the next request is answered', async () => {
    const { holder, opened, activate, wait } = setUp()
    await holder.prepare('b')
    expect(holder.current().version).toBe('a')
    activate('b')
    wait(51)
    expect(holder.current()).toMatchObject({ version: 'b', epoch: 2 })
    expect(opened).toHaveLength(1)
  })

  test('a version that was prepared in vain is retired', async () => {
    const { holder, opened } = setUp()
    await holder.prepare('b')
    holder.unprepare()
    expect(opened[0].retired).toBe(true)
    expect(holder.status().mapped).toEqual(['a'])
  })

  test('never maps a fourth version: the one to go back to makes room, what a batch holds does not', async () => {
    const { holder, first, activate } = setUp()
    const batch = holder.lease()
    activate('b')
    await holder.poll()
    activate('c')
    await holder.poll()
    expect(holder.status().mapped).toEqual(['a', 'b', 'c'])
    await holder.prepare('d')
    expect(holder.status().mapped).toEqual(['a', 'c', 'd'])
    await holder.prepare('d')
    const second = holder.lease()
    activate('d')
    await holder.poll()
    await expect(holder.prepare('e')).rejects.toMatchObject({ code: 'busy' })
    batch.release()
    second.release()
    expect(first.retired).toBe(true)
    await holder.prepare('e')
    expect(holder.status().mapped).toEqual(['c', 'd', 'e'])
  })

  test('a process that was away for long serves nothing old while the version of now is opened', async () => {
    let finish = (_: FakeModel) => {}
    const { holder, activate, wait } = setUp({ open: () => new Promise((resolve) => (finish = resolve)) })
    activate('b')
    wait(10_000)
    expect(() => holder.current()).toThrow('just being opened')
    expect(() => holder.requireEpoch(2)).toThrow('just being opened')
    finish(makeModel('b', 2))
    await holder.poll()
    expect(holder.current()).toMatchObject({ version: 'b', epoch: 2 })
  })

  test('an epoch that is asked for is looked up at once; one that never was is refused', async () => {
    const { holder, activate } = setUp()
    await holder.prepare('b')
    activate('b')
    holder.requireEpoch(2)
    expect(holder.current().epoch).toBe(2)
    expect(() => holder.requireEpoch(3)).toThrow(DomainError)
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
    holder.dropPrevious()
    expect(holder.status().draining).toBe(2)
    one.release()
    one.release()
    expect(first.retired).toBe(false)
    expect(holder.status().draining).toBe(1)
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
    holder.dropPrevious()
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
    await holder.poll()
    // once, not forty times a second
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
