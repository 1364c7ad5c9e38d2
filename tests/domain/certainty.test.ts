import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { applyCertainty, type CertaintyCase, confidenceAt, fitCertainty } from '../../server/domain/certainty'
import { chooseRanking, type HeldOutCase } from '../../server/domain/held-out'
import { seededRandom } from '../../server/domain/random'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const signs = fc.record({
  top: share,
  margin: share,
  vote: share,
  model: share,
  nearest: share,
  known: share,
  habit: share,
  told: fc.tuple(fc.constantFrom(0, 1)),
})

function world(count: number): CertaintyCase[] {
  const random = seededRandom(3)
  return Array.from({ length: count }, () => {
    const top = random()
    const nearest = random()
    // right as often as the answer is sure of itself and something is near
    const right = random() < top * nearest
    return { top, margin: top / 2, vote: top, model: top, nearest, known: 1, habit: 0.1, told: [1], right, weight: 1 }
  })
}

describe('certainty', () => {
  test('is a probability, and never falls when a sign gets better, whatever it learned from', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(signs, fc.boolean()), { minLength: 1, maxLength: 40 }),
        signs,
        fc.constantFrom('top', 'margin', 'vote', 'model', 'nearest', 'known', 'habit'),
        (seen, asked, sign) => {
          const certainty = fitCertainty(seen.map(([entry, right]) => ({ ...entry, right, weight: 1 })))!
          const before = applyCertainty(certainty, asked)
          const after = applyCertainty(certainty, { ...asked, [sign]: 1 })
          return before >= 0 && after <= 1 && after >= before - 1e-9
        },
      ),
      { numRuns: 40 },
    )
  })

  test('is right as often as it says, near and far', () => {
    const certainty = fitCertainty(world(2_000))!
    for (const nearest of [0.3, 0.9]) {
      const signs = { top: 0.9, margin: 0.45, vote: 0.9, model: 0.9, nearest, known: 1, habit: 0.1, told: [1] }
      expect(Math.abs(applyCertainty(certainty, signs) - 0.9 * nearest)).toBeLessThan(0.12)
    }
  })

  test('stays away from certainty when a handful of items is all that is known', () => {
    const few = Array.from({ length: 5 }, (): CertaintyCase => ({ ...world(1)[0], right: true }))
    const sure = applyCertainty(fitCertainty(few)!, { top: 1, margin: 1, vote: 1, model: 1, nearest: 1, known: 1, habit: 0.1, told: [1] })
    expect(sure).toBeLessThan(0.97)
    expect(fitCertainty([])).toBeNull()
  })
})

test('confidence fades below the similarity that was ever held out with success', () => {
  const learned = { confidence: { x: [0, 1], y: [0.8, 0.8] }, similarityMin: 0.4 }
  const at = (nearest: number) =>
    confidenceAt(learned, { top: 0.9, margin: 0.5, vote: 0.9, model: 0.9, nearest, known: 1, habit: 0.1, told: [1] })
  expect([at(0.9), at(0.4), at(0.1), at(0)]).toEqual([0.8, 0.8, expect.closeTo(0.2, 9), 0])
})

describe('what is near', () => {
  const asked = (protocol: HeldOutCase['protocol'], nearest: number, right: boolean): HeldOutCase => ({
    protocol,
    item: 0,
    sequences: [],
    likeness: [],
    nearest,
    known: 1,
    told: [1],
    model: [0.8, 0.2],
    habit: [0, 0],
    votes: Array.from({ length: 7 }, () => [0.8, 0.2]),
    accepted: [right, false],
  })

  test('reaches as far as questions were answered right', () => {
    const near = Array.from({ length: 100 }, () => asked('item', 0.9, true))
    const rightFar = [...near, ...Array.from({ length: 100 }, () => asked('family', 0.4, true))]
    const wrongFar = [...near, ...Array.from({ length: 100 }, () => asked('family', 0.4, false))]
    expect(chooseRanking(rightFar).similarityMin).toBeLessThan(0.4)
    expect(chooseRanking(wrongFar).similarityMin).toBeGreaterThanOrEqual(0.4)
    expect(chooseRanking(wrongFar).protocols).toEqual({ item: { cases: 100, em1: 1, em5: 1 }, family: { cases: 100, em1: 0, em5: 0 } })
  })
})
