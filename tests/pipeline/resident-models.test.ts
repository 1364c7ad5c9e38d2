import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type Pin, ResidentModels } from '../../server/pipeline/resident-models'
import { type FakeModel, makeModel } from './small-holder'

describe('resident models', () => {
  const versions = fc.constantFrom('a', 'b', 'c', 'd')
  const step = fc.oneof(
    fc.record({ act: fc.constant('add' as const), version: versions, pin: fc.constantFrom<Pin>('prepared', 'serving') }),
    fc.record({ act: fc.constant('pin' as const), version: fc.option(versions), pin: fc.constantFrom<Pin>('prepared', 'previous') }),
    fc.record({ act: fc.constant('promote' as const), version: versions }),
    fc.record({ act: fc.constant('lease' as const), version: versions }),
    fc.record({ act: fc.constant('release' as const), nth: fc.nat(5) }),
  )

  test('nothing that is pinned or leased is ever retired, all else is, and nothing twice', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const alive = new Map<string, FakeModel>()
        const resident = new ResidentModels<FakeModel>((model) => {
          if (model.retired) throw new Error('retired twice')
          model.retired = true
        })
        const leases: ReturnType<typeof resident.lease>[] = []
        for (const one of steps) {
          if (one.act === 'add') {
            const fresh = makeModel(one.version, 1)
            const kept = resident.add(fresh, one.pin)
            expect(fresh.retired).toBe(kept !== fresh)
            alive.set(one.version, kept)
          } else if (one.act === 'pin') resident.pin(one.pin, one.version)
          else if (one.act === 'promote') {
            if (resident.get(one.version)) resident.promote(one.version)
          } else if (one.act === 'lease') {
            const model = resident.get(one.version)
            // under another epoch it is another object of the same files
            if (model) leases.push(resident.lease({ ...model, epoch: 9 }))
          } else leases.splice(one.nth, 1)[0]?.release()
          const held = new Set(leases.map(({ model }) => model.version))
          for (const pin of ['serving', 'previous', 'prepared'] as const) {
            const version = resident.pinned(pin)
            if (version !== null) held.add(version)
          }
          expect([...resident.versions].sort()).toEqual([...held].sort())
          for (const version of held) expect(resident.get(version)).toMatchObject({ version, retired: false })
        }
        resident.clear()
        for (const lease of leases) lease.release()
        expect(resident.versions).toEqual([])
        for (const model of alive.values()) expect(model.retired).toBe(true)
      }),
      { numRuns: 500 },
    )
  })
})
