import { describe, expect, test } from 'bun:test'
import { seededRandom } from '../../server/domain/random'
import { agreementOf, searchWeights, type WeightProblem } from '../../server/domain/weight-search'

const QUERIES = 80
const REFERENCES = 200

/** Items with two attributes of `kinds` values each; routings follow the first, or nothing at all. */
function problem(follows: boolean, { missing = false } = {}): WeightProblem {
  const random = seededRandom(11)
  const kinds = 6
  const draw = () => Array.from({ length: REFERENCES }, () => Math.floor(random() * kinds))
  const [first, second] = [draw(), draw()]
  const routing = follows ? first : draw()
  const same = (values: number[]) =>
    Float32Array.from({ length: QUERIES * REFERENCES }, (_, at) =>
      values[Math.floor(at / REFERENCES)] === values[at % REFERENCES] ? 1 : 0,
    )
  const known = missing ? 0 : 1
  return {
    queries: QUERIES,
    references: REFERENCES,
    dots: [same(first), same(second)].map((dots) => (missing ? dots.fill(0) : dots)),
    queryKnown: [0, 1].map(() => new Uint8Array(QUERIES).fill(known)),
    referenceKnown: [0, 1].map(() => new Uint8Array(REFERENCES).fill(known)),
    agreement: same(routing).map((value, at) => (Math.floor(at / REFERENCES) === at % REFERENCES ? -1 : value)),
  }
}

describe('learned weights', () => {
  const prior = Float64Array.of(1, 3)

  test('move towards the attribute that the routings follow, within four times the prior', () => {
    const { weights, before, after, importance } = searchWeights(problem(true), prior, seededRandom(1))
    expect(after).toBeGreaterThan(before)
    expect(weights[0] / weights[1]).toBeGreaterThan(1)
    expect(weights[0]).toBeLessThanOrEqual(4)
    expect(weights[1]).toBeGreaterThanOrEqual(0.75)
    expect(importance[0]).toBeGreaterThan(importance[1])
    expect(agreementOf(problem(true), weights, () => true)).toBeCloseTo(1, 1)
  })

  test('stay at the prior where nothing is to be learned', () => {
    expect([...searchWeights(problem(true, { missing: true }), prior, seededRandom(1)).weights]).toEqual([...prior])
    const { weights, before, after } = searchWeights(problem(false), prior, seededRandom(1))
    // what chance chose is only kept when it also helps the questions that did not choose
    expect(after).toBeGreaterThanOrEqual(before)
    if (after === before) expect([...weights]).toEqual([...prior])
  })
})
