/** The figures of one way of asking: sequences, calibration, abstention and baselines of the same cases. */
import type { ProtocolQuality } from '../../contract/quality'
import type { Random } from '../random'
import { bootstrapMean } from './bootstrap'
import { scoreCalibration } from './calibration-metrics'
import { keyOf, orderErrors, scoreSequences } from './sequence-metrics'

/** One held-out question and what came of it. */
export interface ScoredCase {
  /** Cases of the same item count once in `items`. */
  item: number | string
  /** Operation codes of the candidates, best first. */
  candidates: string[][]
  /** Operation codes of the item's routings, at least one. */
  accepted: string[][]
  confidence: number
  abstained: boolean
  /** Share of the known attributes that the question left out. */
  blanked: number
  /** Similarity on (operation, resource); null where the item names no resource or nobody asked. */
  resourceSimilarity: number | null
  /** What would be answered without the product. */
  baselines: { name: string; candidates: string[][] }[]
}

/** @param random of the bootstrap */
export function scoreProtocol(name: string, cases: ScoredCase[], random: Random): ProtocolQuality {
  const single = cases.map((entry) => scoreSequences([entry]))
  const interval = (of: 'em1' | 'em5' | 'levenshtein') =>
    bootstrapMean(
      single.map((scores) => scores[of]),
      random,
    )
  const right = single.map(({ em1 }) => em1 === 1)
  const resources = cases.flatMap(({ resourceSimilarity }) => resourceSimilarity ?? [])
  const baselines = [...new Set(cases.flatMap((entry) => entry.baselines.map((baseline) => baseline.name)))]
  return {
    name,
    cases: cases.length,
    items: new Set(cases.map(({ item }) => item)).size,
    blanked: mean(cases.map(({ blanked }) => blanked)) ?? 0,
    ...figures(cases),
    resourceLevenshtein: mean(resources),
    intervals: { em1: interval('em1'), em5: interval('em5'), levenshtein: interval('levenshtein') },
    confidence: mean(cases.map(({ confidence }) => confidence)) ?? 0,
    calibration: scoreCalibration(cases.map(({ confidence }, at) => ({ confidence, right: right[at] }))),
    abstention: scoreAbstention(cases.map(({ abstained }, at) => ({ abstained, right: right[at] }))),
    baselines: baselines.map((baseline) => {
      const of = cases.flatMap(({ accepted, baselines: all }) => {
        const found = all.find((entry) => entry.name === baseline)
        return found === undefined ? [] : [{ accepted, candidates: found.candidates }]
      })
      return { name: baseline, ...figures(of) }
    }),
  }
}

type Figures = Pick<ProtocolQuality, 'em1' | 'em3' | 'em5' | 'coverage5' | 'mrr' | 'levenshtein' | 'setF1' | 'orderErrors'>

function figures(answers: { candidates: string[][]; accepted: string[][] }[]): Figures {
  const { em1, em3, em5, coverage5, mrr, levenshtein, setF1 } = scoreSequences(answers)
  return { em1, em3, em5, coverage5, mrr, levenshtein, setF1, orderErrors: orderErrors(answers) }
}

/** An abstention is worth something when what it held back would have been wrong more often than what was answered. */
export function scoreAbstention(cases: { abstained: boolean; right: boolean }[]): ProtocolQuality['abstention'] {
  const held = cases.filter(({ abstained }) => abstained)
  const answered = cases.filter(({ abstained }) => !abstained)
  const em1 = (of: typeof cases) => mean(of.map(({ right }) => Number(right)))
  return {
    rate: held.length / Math.max(1, cases.length),
    answered: answered.length,
    abstained: held.length,
    em1Answered: em1(answered),
    em1Abstained: em1(held),
  }
}

/** Whether a sequence is one of the accepted ones. */
export const isAccepted = (operations: string[] | undefined, accepted: string[][]): boolean =>
  operations !== undefined && accepted.some((entry) => keyOf(entry) === keyOf(operations))

const mean = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
