import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { diffSequences, type SequenceEdit } from '../../server/domain/sequence-diff'

const routing = fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 30 })

/** The second sequence, from the first and the edits alone. */
function apply(before: number[], edits: SequenceEdit<number>[]): number[] {
  return edits.filter(({ after }) => after !== null).map((edit) => (edit.before === null ? edit.operation : before[edit.before]))
}

/** Longest common subsequence by plain recursion over all ways. */
function commonLength(a: number[], b: number[]): number {
  if (a.length === 0 || b.length === 0) return 0
  if (a[0] === b[0]) return 1 + commonLength(a.slice(1), b.slice(1))
  return Math.max(commonLength(a.slice(1), b), commonLength(a, b.slice(1)))
}

const kinds = (edits: SequenceEdit<string>[]) => edits.map(({ kind, operation }) => `${kind} ${operation}`)

describe('the difference of two routings', () => {
  test('applied to the first gives the second, and back', () => {
    fc.assert(
      fc.property(routing, routing, (before, after) => {
        const edits = diffSequences(before, after)
        expect(apply(before, edits)).toEqual(after)
        const back = edits.filter((edit) => edit.before !== null).sort((a, b) => a.before! - b.before!)
        expect(back.map(({ operation }) => operation)).toEqual(before)
      }),
    )
  })

  test('names each step of both exactly once, with places where its kind has them', () => {
    fc.assert(
      fc.property(routing, routing, (before, after) => {
        const edits = diffSequences(before, after)
        const places = (side: 'before' | 'after') =>
          edits
            .map((edit) => edit[side])
            .filter((at) => at !== null)
            .sort((a, b) => a - b)
        expect(places('before')).toEqual(before.map((_, at) => at))
        expect(places('after')).toEqual(after.map((_, at) => at))
        for (const edit of edits) {
          expect(edit.before === null).toBe(edit.kind === 'added')
          expect(edit.after === null).toBe(edit.kind === 'removed')
        }
      }),
    )
  })

  test('keeps as many steps as can be kept', () => {
    const short = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 })
    fc.assert(
      fc.property(short, short, (before, after) => {
        const kept = diffSequences(before, after).filter(({ kind }) => kind === 'kept')
        expect(kept.length).toBe(commonLength(before, after))
      }),
    )
  })

  test('leaves no operation both removed and added: that is a move', () => {
    fc.assert(
      fc.property(routing, routing, (before, after) => {
        const edits = diffSequences(before, after)
        const removed = new Set(edits.filter(({ kind }) => kind === 'removed').map(({ operation }) => operation))
        expect(edits.filter(({ kind, operation }) => kind === 'added' && removed.has(operation))).toEqual([])
      }),
    )
  })

  test('of equal routings is nothing', () => {
    fc.assert(
      fc.property(routing, (one) => {
        expect(diffSequences(one, [...one]).every(({ kind, before, after }) => kind === 'kept' && before === after)).toBe(true)
      }),
    )
  })

  test('names what a person would: one gone, one new, one moved, one of two equal ones gone', () => {
    expect(kinds(diffSequences(['SAW', 'TURN', 'HEAT', 'GRIND'], ['SAW', 'TURN', 'GRIND']))).toEqual([
      'kept SAW',
      'kept TURN',
      'removed HEAT',
      'kept GRIND',
    ])
    expect(kinds(diffSequences(['SAW', 'TURN'], ['SAW', 'MILL', 'TURN']))).toEqual(['kept SAW', 'added MILL', 'kept TURN'])
    expect(kinds(diffSequences(['SAW', 'TURN', 'MILL', 'HEAT'], ['SAW', 'HEAT', 'TURN', 'MILL']))).toEqual([
      'kept SAW',
      'moved HEAT',
      'kept TURN',
      'kept MILL',
    ])
    expect(diffSequences(['WASH', 'TURN', 'WASH'], ['WASH', 'TURN']).at(-1)).toEqual({
      kind: 'removed',
      operation: 'WASH',
      before: 2,
      after: null,
    })
  })

  test('of nothing is all of the other', () => {
    expect(diffSequences([], [])).toEqual([])
    expect(diffSequences([], [7])).toEqual([{ kind: 'added', operation: 7, before: null, after: 0 }])
    expect(diffSequences([7], [])).toEqual([{ kind: 'removed', operation: 7, before: 0, after: null }])
  })

  test('of 2,000 steps without a common one is told in time, and one step more is refused', () => {
    const before = Uint32Array.from({ length: 2_000 }, (_, at) => at)
    const after = Uint32Array.from({ length: 2_000 }, (_, at) => 10_000 + at)
    const started = process.cpuUsage()
    expect(diffSequences(before, after)).toHaveLength(4_000)
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1_000).toBeLessThan(1_000)
    expect(() => diffSequences(new Uint32Array(2_001), before)).toThrow('at most 2000 steps')
  })
})
