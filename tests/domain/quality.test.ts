import { describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { type ProtocolQuality, QualityReport } from '../../server/contract/quality'
import { flatQuality } from '../../server/domain/evaluation/flat-quality'
import { type ScoredCase, scoreAbstention, scoreProtocol } from '../../server/domain/evaluation/protocol-quality'
import { compareQuality } from '../../server/domain/evaluation/quality-comparison'
import { crossFit } from '../../server/domain/evaluation/rehearsed-answer'
import { scoreSequences } from '../../server/domain/evaluation/sequence-metrics'
import { scoreTimes } from '../../server/domain/evaluation/time-metrics'
import { scoreTimeKind } from '../../server/domain/evaluation/time-quality'
import { exponentGrid, type HeldOutCase } from '../../server/domain/held-out'
import { seededRandom } from '../../server/domain/random'
import { asked, report } from './sample-report'

describe('figures computed by hand', () => {
  test('coverage@5 is the share of the accepted routings among the first five, repetitions counted once', () => {
    const { coverage5 } = scoreSequences([
      // one of two; the sixth candidate is too late
      { candidates: [['a'], ['a'], ['x'], ['y'], ['z'], ['b']], accepted: [['a'], ['b'], ['b']] },
      { candidates: [['c']], accepted: [['c']] },
      { candidates: [], accepted: [['c']] },
    ])
    expect(coverage5).toBeCloseTo((0.5 + 1 + 0) / 3, 12)
  })

  test('pinball loss: p50 costs half of the error, p90 nine times as much above as below', () => {
    const { pinball } = scoreTimes([
      { actual: 10, p10: 8, p50: 12, p90: 20 },
      { actual: 30, p10: 8, p50: 12, p90: 20 },
    ])!
    expect(pinball.p10).toBeCloseTo((0.1 * 2 + 0.1 * 22) / 2, 12)
    expect(pinball.p50).toBeCloseTo((0.5 * 2 + 0.5 * 18) / 2, 12)
    expect(pinball.p90).toBeCloseTo((0.1 * 10 + 0.9 * 10) / 2, 12)
  })

  test('abstention: what was held back and what was answered are judged apart, null where there is nothing', () => {
    const of = (abstained: boolean, right: boolean) => ({ abstained, right })
    expect(scoreAbstention([of(true, false), of(true, true), of(false, true), of(false, true)])).toEqual({
      rate: 0.5,
      answered: 2,
      abstained: 2,
      em1Answered: 1,
      em1Abstained: 0.5,
    })
    expect(scoreAbstention([of(false, true)]).em1Abstained).toBeNull()
  })

  test('a protocol: nine of ten right at .9, one wrong at .6, and the baseline that is always half right', () => {
    const cases = Array.from({ length: 10 }, (_, at) => asked(at % 5, at > 0, { resourceSimilarity: at === 0 ? 0.5 : null }))
    const scores = scoreProtocol('item', cases, seededRandom(1))
    expect(scores).toMatchObject({ cases: 10, items: 5, em1: 0.9, em3: 1, em5: 1, mrr: 0.95, resourceLevenshtein: 0.5 })
    expect(scores.levenshtein).toBeCloseTo(0.95, 12)
    expect(scores.confidence).toBeCloseTo(0.87, 12)
    // nine at .9, all right: .1 of nine tenths; one at .6, wrong: .6 of one tenth
    expect(scores.calibration.ece).toBeCloseTo(0.9 * 0.1 + 0.1 * 0.6, 12)
    expect(scores.calibration.bins.map(({ from, count, accuracy }) => [from, count, accuracy])).toEqual([
      [0.6, 1, 0],
      [0.9, 9, 1],
    ])
    expect(scores.baselines[0]).toMatchObject({ name: 'most frequent', em1: 0, levenshtein: 0.5 })
    const [low, high] = scores.intervals.em1
    expect(low).toBeLessThan(0.9)
    expect(high).toBeGreaterThan(0.9)
  })

  test('times keep at most 300 points and the plain median of the same steps', () => {
    const cases = Array.from({ length: 1_000 }, (_, at) => ({
      actual: at + 1,
      p10: 1,
      p50: at + 2,
      p90: 2_000,
      median: at < 4 ? at + 4 : null,
    }))
    const quality = scoreTimeKind('run', cases, seededRandom(1))!
    expect(quality.points).toHaveLength(300)
    expect(quality.predicted).toMatchObject({ samples: 1_000, mae: 1, bias: 1, coverage80: 1 })
    expect(quality.median).toMatchObject({ samples: 4, mae: 3 })
    expect(scoreTimeKind('run', [], seededRandom(1))).toBeNull()
  })
})

describe('a report', () => {
  test('is as its schema says, with and without anything held out', () => {
    for (const made of [report(90), report(0, 0)]) expect([...Value.Errors(QualityReport, made)]).toEqual([])
  })

  test('gives the registry the numbers that were measured and no others', () => {
    expect(flatQuality(report(90))).toMatchObject({ em1: 0.9, heldOutItems: 100, recall10: 0.99 })
    expect(flatQuality(report(0, 0, { retrieval: null }))).toEqual({ heldOutItems: 0 })
  })
})

describe('two versions', () => {
  const verdict = (a: QualityReport | null, b: QualityReport | null) =>
    compareQuality({ version: 'a', report: a }, { version: 'b', report: b })

  test('clearly worse is outside of the interval of the other; a little worse is not', () => {
    expect(verdict(report(60), report(90))).toMatchObject({
      verdict: 'worse',
      reasons: expect.arrayContaining([expect.stringContaining('EM@1')]),
    })
    expect(verdict(report(88), report(90))).toMatchObject({ verdict: 'not worse', reasons: [] })
    expect(verdict(report(95), report(60))).toMatchObject({ verdict: 'not worse' })
  })

  test('with a search that misses one in seven is worse than anything', () => {
    const blind = report(95, 100, { retrieval: { queries: 10, curve: [], presets: { 'standard@10': 0.85 } } })
    expect(verdict(blind, report(60))).toMatchObject({ verdict: 'worse', reasons: [expect.stringContaining('recall')] })
  })

  test('of which one was not measured are not judged', () => {
    expect(verdict(null, report(90)).verdict).toBe('unknown')
    expect(verdict(report(90), null).verdict).toBe('unknown')
    expect(verdict(report(0, 0), report(90)).verdict).toBe('unknown')
  })

  test('figures name the better side, where more or less is better', () => {
    const { figures } = verdict(report(60), report(90))
    const of = (name: string) => figures.find((figure) => figure.name === name)!
    expect(of('item: EM@1')).toEqual({ name: 'item: EM@1', a: 0.6, b: 0.9, better: 'b' })
    expect(of('item: cases').better).toBeNull()
    expect(of('item: calibration error').better).toBe(of('item: calibration error').a! < of('item: calibration error').b! ? 'a' : 'b')
  })
})

describe('cross-fitting', () => {
  const random = seededRandom(7)
  /** Two sequences in question: one of the neighbours, one of the model; the neighbours' is right where they are sure. */
  const cases = Array.from({ length: 200 }, (_, item): HeldOutCase => {
    const vote = random()
    const isNeighbours = random() < vote
    const model = 0.4 + 0.2 * random()
    return {
      protocol: 'item',
      item,
      sequences: [Uint32Array.of(1, 2), Uint32Array.of(3)],
      told: [1],
      likeness: isNeighbours ? [1, 0] : [0, 1],
      nearest: 0.5 + vote / 2,
      known: 1,
      votes: exponentGrid.map(() => [vote, 1 - vote]),
      model: [model, 1 - model],
      habit: [0, 0],
      accepted: [isNeighbours, !isNeighbours],
    }
  })
  const confidences = (of: HeldOutCase[]) => new Map(crossFit(of, 3).map((answer) => [answer.case.item, answer.confidence]))

  test('answers every case once', () => {
    expect(new Set(crossFit(cases, 3).map((answer) => answer.case.item)).size).toBe(200)
    expect(crossFit(cases.slice(0, 1), 3)).toEqual([])
  })

  test('the confidence of an item does not hang on how that item came out, that of others does', () => {
    const before = confidences(cases)
    const turned = cases.map((entry) => (entry.item === 5 ? { ...entry, accepted: entry.accepted.map((accepted) => !accepted) } : entry))
    const after = confidences(turned)
    expect(after.get(5)).toBe(before.get(5)!)
    expect([...before].filter(([item, confidence]) => after.get(item) !== confidence).length).toBeGreaterThan(50)
  })

  test('confidence is as often right as it says, on data that is so', () => {
    const answers = crossFit(cases, 3)
    const scored: ScoredCase[] = answers.map(({ case: entry, candidates, confidence, abstained }) => ({
      ...asked(entry.item, true),
      candidates: candidates.map((codes) => Array.from(codes, String)),
      accepted: entry.sequences.filter((_, at) => entry.accepted[at]).map((codes) => Array.from(codes, String)),
      confidence,
      abstained,
    }))
    const scores: ProtocolQuality = scoreProtocol('item', scored, seededRandom(1))
    expect(scores.calibration.ece).toBeLessThan(0.12)
    expect(scores.confidence).toBeGreaterThan(0.6)
  })
})
