import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type LeadTimeStep, leadTimeOf } from '../../server/domain/lead-time'

const none: LeadTimeStep = {
  inside: true,
  batch: null,
  leadTimeDays: null,
  setupMinutes: null,
  runMinutes: null,
  queueMinutes: null,
  waitMinutes: null,
  moveMinutes: null,
}
const minutes = (p50: number) => ({ p50 })
const turning: LeadTimeStep = {
  ...none,
  setupMinutes: minutes(30),
  runMinutes: minutes(4),
  queueMinutes: minutes(60),
  moveMinutes: minutes(10),
}
const bench: LeadTimeStep = { ...none, batch: true, setupMinutes: minutes(5), runMinutes: minutes(38), waitMinutes: minutes(200) }
const hardening: LeadTimeStep = { ...none, inside: false, leadTimeDays: 5, runMinutes: minutes(99), setupMinutes: minutes(99) }

describe('the lead time of a lot', () => {
  test('is set-up, run for every piece, queue, wait and move; a batch step runs once; a partner takes days', () => {
    expect(leadTimeOf([turning, bench, hardening], 20)).toEqual({
      lot: 20,
      minutes: 30 + 4 * 20 + 60 + 10 + (5 + 38 + 200),
      outsourcedDays: 5,
      stepsWithoutTime: 0,
    })
  })

  test('takes a step of unknown kind for in-house work, piece by piece', () => {
    expect(leadTimeOf([{ ...turning, inside: null, batch: null }], 3)?.minutes).toBe(30 + 12 + 60 + 10)
    expect(leadTimeOf([{ ...turning, batch: false }], 3)?.minutes).toBe(30 + 12 + 60 + 10)
  })

  test('counts the steps that it leaves out, and is nothing without any time', () => {
    const outside = { ...none, inside: false }
    expect(leadTimeOf([turning, none, outside], 1)).toMatchObject({ minutes: 104, stepsWithoutTime: 2 })
    expect(leadTimeOf([none, outside], 1)).toBeNull()
    expect(leadTimeOf([], 1)).toBeNull()
    expect(leadTimeOf([{ ...none, queueMinutes: minutes(0) }], 1)).toEqual({ lot: 1, minutes: 0, outsourcedDays: 0, stepsWithoutTime: 0 })
  })

  test('grows by the run of one piece with each piece, except for batch steps', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 0, max: 500 }), (lot, run) => {
        const of = (batch: boolean, pieces: number) => leadTimeOf([{ ...turning, batch, runMinutes: minutes(run) }], pieces)!.minutes
        return of(false, lot + 1) - of(false, lot) === run && of(true, lot) === of(true, 1)
      }),
    )
  })
})
