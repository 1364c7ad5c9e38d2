import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { compareRoutings, type ProposedRouting, type SavedProposal, summarizeAdoption } from '../../server/domain/adoption'
import { levenshtein } from '../../server/domain/evaluation/sequence-metrics'

const proposed = (text: string, resources: (string | null)[] | null = null): ProposedRouting => ({
  id: 'c',
  operations: [...text],
  resources,
})
const saved = (text: string, resources: (string | null)[] = []) =>
  [...text].map((operation, at) => ({ operation, ...(resources[at] === undefined ? {} : { resource: resources[at] }) }))

describe('a saved routing beside its proposal, by hand', () => {
  test('unchanged', () => {
    expect(compareRoutings(proposed('ABCD'), saved('ABCD'))).toEqual({
      exact: true,
      editDistance: 0,
      editDistanceWithResources: null,
      proposedSteps: 4,
      savedSteps: 4,
      kept: 4,
      added: 0,
      removed: 0,
      moved: 0,
      keptShare: 1,
    })
  })

  test('one step taken out, one put in: two edits, three of four steps kept', () => {
    expect(compareRoutings(proposed('ABCD'), saved('ACDE'))).toMatchObject({
      exact: false,
      editDistance: 2,
      kept: 3,
      added: 1,
      removed: 1,
      moved: 0,
      keptShare: 0.75,
    })
  })

  test('the last step moved to the front: all kept, one moved, two edits', () => {
    expect(compareRoutings(proposed('ABCD'), saved('DABC'))).toMatchObject({ editDistance: 2, kept: 4, added: 0, removed: 0, moved: 1 })
  })

  test('a repeated operation is counted by occurrence', () => {
    expect(compareRoutings(proposed('ABAB'), saved('ABA'))).toMatchObject({
      kept: 3,
      removed: 1,
      added: 0,
      editDistance: 1,
      keptShare: 0.75,
    })
    expect(compareRoutings(proposed('AB'), saved('AAB'))).toMatchObject({ kept: 2, added: 1, removed: 0, moved: 0 })
  })

  test('another machine is an edit of (operation, resource) only', () => {
    const candidate = proposed('ABC', ['m1', 'm2', null])
    expect(compareRoutings(candidate, saved('ABC', ['m1', 'm3']))).toMatchObject({
      exact: true,
      editDistance: 0,
      editDistanceWithResources: 1,
    })
    expect(compareRoutings(candidate, saved('ABC', ['m1', 'm2', null]))).toMatchObject({ editDistanceWithResources: 0 })
    // not said is no data
    expect(compareRoutings(candidate, saved('ABC')).editDistanceWithResources).toBeNull()
    expect(compareRoutings(proposed('ABC', [null, null, null]), saved('ABC', ['m1'])).editDistanceWithResources).toBeNull()
  })

  test('from nothing: every step is added, and a share of nothing is no data', () => {
    expect(compareRoutings(null, saved('AB'))).toMatchObject({ exact: false, editDistance: 2, added: 2, kept: 0, keptShare: null })
  })

  test('agrees with the plain Levenshtein distance and accounts for every step', () => {
    const routing = fc.array(fc.constantFrom('A', 'B', 'C', 'D'), { minLength: 1, maxLength: 14 })
    fc.assert(
      fc.property(routing, routing, (before, after) => {
        const change = compareRoutings(proposed(before.join('')), saved(after.join('')))
        expect(change.editDistance).toBe(levenshtein(before, after))
        expect(change.exact).toBe(before.join() === after.join())
        expect(change.kept + change.removed).toBe(before.length)
        expect(change.kept + change.added).toBe(after.length)
        expect(change.moved).toBeLessThanOrEqual(change.kept)
        if (change.removed + change.added + change.moved === 0) expect(change.exact).toBe(true)
      }),
      { numRuns: 500, seed: 8 },
    )
  })

  test('two routings of 2,000 steps take a moment, not the event loop', () => {
    const steps = Array.from({ length: 2_000 }, (_, at) => `op${at % 40}`)
    const changed = steps.with(1_000, 'x').toSpliced(500, 1)
    const started = performance.now()
    const change = compareRoutings(
      { id: 'c', operations: steps, resources: null },
      changed.map((operation) => ({ operation })),
    )
    expect(change).toMatchObject({ editDistance: 2, savedSteps: 1_999 })
    expect(performance.now() - started).toBeLessThan(200)
  })
})

describe('many saved proposals', () => {
  const row = (changes: Partial<SavedProposal>): SavedProposal => ({
    at: Date.UTC(2026, 10, 20, 12),
    confidence: 0.95,
    exact: true,
    firstExact: true,
    editDistance: 0,
    proposedSteps: 4,
    kept: 4,
    ...changes,
  })
  const days = ['2026-11-19', '2026-11-20', '2026-11-21']

  test('none: null everywhere, never zero', () => {
    const report = summarizeAdoption([], days)
    const none = { saved: 0, exactShare: null, firstExactShare: null, meanEditDistance: null, adoptionShare: null }
    expect(report.total).toEqual(none)
    expect(report.days).toEqual(days.map((day) => ({ day, ...none })))
    expect(report.bands).toHaveLength(10)
    expect(report.bands[9]).toEqual({ from: 0.9, to: 1, confidence: null, ...none })
    expect(report.calibrationError).toBeNull()
  })

  test('by day, in total and by confidence, by hand', () => {
    const report = summarizeAdoption(
      [
        row({ confidence: 0.9 }),
        row({ confidence: 1, exact: false, firstExact: false, editDistance: 3, kept: 1 }),
        // the second candidate was taken as it was: right, but not what the confidence was about
        row({ confidence: 0.4, firstExact: false, at: Date.UTC(2026, 10, 21, 0, 0, 1) }),
        // nothing was proposed
        row({
          confidence: 0,
          exact: false,
          firstExact: false,
          editDistance: 5,
          proposedSteps: 0,
          kept: 0,
          at: Date.UTC(2026, 10, 21, 23, 59),
        }),
      ],
      days,
    )
    expect(report.total).toEqual({ saved: 4, exactShare: 0.5, firstExactShare: 0.25, meanEditDistance: 2, adoptionShare: 9 / 12 })
    expect(report.days[0].exactShare).toBeNull()
    expect(report.days[1]).toEqual({
      day: '2026-11-20',
      saved: 2,
      exactShare: 0.5,
      firstExactShare: 0.5,
      meanEditDistance: 1.5,
      adoptionShare: 5 / 8,
    })
    expect(report.days[2]).toMatchObject({ saved: 2, exactShare: 0.5, firstExactShare: 0, meanEditDistance: 2.5, adoptionShare: 1 })
    expect(report.bands[9]).toMatchObject({ saved: 2, confidence: 0.95, firstExactShare: 0.5 })
    expect(report.bands[4]).toMatchObject({ saved: 1, confidence: 0.4, firstExactShare: 0 })
    // 2/4 × |.95 − .5| + 1/4 × |.4 − 0| + 1/4 × 0
    expect(report.calibrationError).toBeCloseTo(0.325, 12)
  })
})
