import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type EvidenceRouting, gatherNeighbours } from '../../server/domain/evidence'
import { chooseRanking, type HeldOutCase } from '../../server/domain/held-out'
import { applyIsotonic, fitIsotonic } from '../../server/domain/isotonic'
import type { Knowledge } from '../../server/domain/knowledge'
import { rankSequences } from '../../server/domain/ranking'
import { findSignatures } from '../../server/domain/signature'
import { estimateTime } from '../../server/domain/time-estimate'

/** Three routings: A+B, A+B, A+C. */
const stepOffsets = Uint32Array.of(0, 2, 4, 6)
const operations = Uint32Array.of(1, 2, 1, 2, 1, 3)
const signatures = findSignatures(stepOffsets, operations)
const knowledge = {
  routings: { signature: signatures.of },
  signatures,
  vectors: { count: 2, offsets: Uint32Array.of(0, 2, 3), items: Uint32Array.of(0, 1, 2) },
} as unknown as Knowledge

const evidence: EvidenceRouting[] = gatherNeighbours(knowledge, [0, 1], [0.9, 0.8], 2, -1).map((neighbour) => ({
  routing: neighbour.item,
  neighbour,
  weight: neighbour.weight,
}))

describe('ranking', () => {
  test('finds equal operation sequences, and only those, equal', () => {
    expect(signatures.count).toBe(2)
    expect([...signatures.of]).toEqual([0, 0, 1])
  })

  test('lets similar items vote with weights that sum to 1', () => {
    expect(evidence.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12)
    const ranked = rankSequences(knowledge, evidence, [], { modelShare: 0.5, habitShare: 0, habits: [] })
    expect(ranked.map(({ vote }) => vote)).toEqual([...ranked.map(({ vote }) => vote)].sort((a, b) => b - a))
    expect([...ranked[0].operations]).toEqual([1, 2])
    expect(ranked[0].evidence).toHaveLength(2)
  })

  test('puts a proposal of the model beside the neighbours, and into one entry where both agree', () => {
    const proposals = [
      { operations: Uint32Array.of(1, 3), probability: 0.9 },
      { operations: Uint32Array.of(4), probability: 0.1 },
    ]
    const ranked = rankSequences(knowledge, evidence, proposals, { modelShare: 1, habitShare: 0, habits: [] })
    expect([...ranked[0].operations]).toEqual([1, 3])
    expect(ranked[0].evidence).toHaveLength(1)
    expect(ranked).toHaveLength(3)
  })

  test('leaves the item itself out when its history is to be ignored', () => {
    expect(gatherNeighbours(knowledge, [0], [1], 2, 0).map(({ item }) => item)).toEqual([1])
  })
})

describe('isotonic calibration', () => {
  test('never falls, and stays within the outcomes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 1, maxLength: 200 }),
        (cases) => {
          const points = fitIsotonic(
            cases.map(([score]) => score),
            cases.map(([, right]) => Number(right)),
          )
          const values = [0, 0.1, 0.3, 0.5, 0.7, 0.9, 1].map((score) => applyIsotonic(points, score))
          return values.every((value, index) => value >= 0 && value <= 1 && (index === 0 || value >= values[index - 1] - 1e-12))
        },
      ),
    )
  })
})

describe('the choice on held-out items', () => {
  const right = (model: number[], votes: number[], accepted: boolean[]): HeldOutCase => ({
    protocol: 'item',
    item: 0,
    sequences: [],
    likeness: [],
    nearest: 0.9,
    known: 1,
    told: [1],
    habit: model.map(() => 0),
    model,
    votes: Array.from({ length: 7 }, () => votes),
    accepted,
  })

  test('trusts the side that is right', () => {
    const modelRight = Array.from({ length: 40 }, () => right([0.9, 0.1], [0, 1], [true, false]))
    expect(chooseRanking(modelRight).modelShare).toBeGreaterThan(0.5)
    const votesRight = Array.from({ length: 40 }, () => right([0, 1], [0.9, 0.1], [true, false]))
    expect(chooseRanking(votesRight).modelShare).toBeLessThan(0.5)
  })
})

test('profiles stay in order and never fall below 0, whatever the samples', () => {
  const value = fc.double({ min: 0, max: 1e4, noNaN: true })
  fc.assert(
    fc.property(value, value, value, (mean, sd, p50) => {
      const statistics = { n: 9, mean, sd, p10: p50 / 2, p25: p50 / 1.5, p50, p90: p50 * 2 }
      const estimate = estimateTime(
        { statistics, level: 'operation', method: 'profile' },
        { basis: 'standard', calibration: { low: 1, high: 1, floor: 0.05 } },
      )
      return (
        estimate.optimal <= estimate.standard &&
        estimate.standard <= estimate.safe &&
        estimate.optimal >= 0 &&
        estimate.p10 >= 0 &&
        estimate.p10 <= estimate.p50 &&
        estimate.p50 <= estimate.p90
      )
    }),
  )
})
