import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { scoreCalibration } from '../../server/domain/evaluation/calibration-metrics'
import { levenshtein, multisetF1, scoreSequences, sequenceSimilarity } from '../../server/domain/evaluation/sequence-metrics'
import { scoreTimes } from '../../server/domain/evaluation/time-metrics'

const sequence = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 8 })

describe('sequence metrics', () => {
  test('count the edits of known pairs', () => {
    expect(levenshtein([...'kitten'], [...'sitting'])).toBe(3)
    expect(levenshtein([], ['a', 'b'])).toBe(2)
    expect(sequenceSimilarity(['a', 'b', 'c'], ['a', 'c'])).toBeCloseTo(2 / 3, 12)
    expect(multisetF1(['a', 'a', 'b'], ['a', 'b', 'b'])).toBeCloseTo(4 / 6, 12)
  })

  test('are a distance: 0 only for equals, symmetric, triangle', () => {
    fc.assert(
      fc.property(sequence, sequence, sequence, (a, b, c) => {
        const d = levenshtein(a, b)
        return (d === 0) === (a.join() === b.join()) && d === levenshtein(b, a) && d <= levenshtein(a, c) + levenshtein(c, b)
      }),
    )
  })

  test('count a candidate as right when it equals any accepted routing, at its rank', () => {
    const scores = scoreSequences([
      { candidates: [['a'], ['b']], accepted: [['b'], ['c']] },
      { candidates: [['a']], accepted: [['a']] },
      { candidates: [], accepted: [['a']] },
    ])
    expect(scores.em1).toBeCloseTo(1 / 3, 12)
    expect(scores.em3).toBeCloseTo(2 / 3, 12)
    expect(scores.mrr).toBeCloseTo(1.5 / 3, 12)
    expect(scores.coverage).toBeCloseTo(2 / 3, 12)
  })
})

test('time metrics of known cases', () => {
  const scores = scoreTimes([
    { actual: 10, p10: 8, p50: 12, p90: 20 },
    { actual: 10, p10: 1, p50: 5, p90: 9 },
  ])!
  expect(scores.mae).toBe(3.5)
  expect(scores.bias).toBe(-1.5)
  expect(scores.coverage80).toBe(0.5)
  expect(scoreTimes([])).toBeNull()
})

test('calibration error is 0 when nine of ten are right at 0.9', () => {
  const cases = Array.from({ length: 10 }, (_, index) => ({ confidence: 0.9, right: index > 0 }))
  expect(scoreCalibration(cases).ece).toBeCloseTo(0, 12)
  expect(scoreCalibration(cases.map(({ confidence }) => ({ confidence, right: false }))).ece).toBeCloseTo(0.9, 12)
})
