/** What an evaluation reports, and how single answers become it. */
import type { ProtocolQuality, TimeQuality } from '../../contract/quality'
import { type ScoredCase, scoreProtocol } from '../../domain/evaluation/protocol-quality'
import { type SequenceScores, scoreSequences } from '../../domain/evaluation/sequence-metrics'
import type { TimeCase } from '../../domain/evaluation/time-metrics'
import { scoreTimeKind } from '../../domain/evaluation/time-quality'
import type { Random } from '../../domain/random'
import { type Answer, alignedSteps, candidateOperations, resourceSimilarity } from './aligned-steps'

export interface Evaluation {
  items: number
  sequences: SequenceScores
  baselines: (SequenceScores & { name: string })[]
  /** Share of aligned steps whose first resource, or any offered one, is the held-out one; null without resources. */
  resources: { first: number; offered: number; steps: number } | null
  times: Record<'setup' | 'run', TimeQuality | null>
  /** Of pairs of operations that both the first candidate and the nearest accepted routing have: the share in another order. */
  orderErrors: number
  /** Sequence similarity on (operation, resource); null without resources. */
  resourceLevenshtein: number | null
  calibration: ProtocolQuality['calibration']
  /** Share of the questions that were not answered, and what either side was worth. */
  abstained: number
  abstention: ProtocolQuality['abstention']
  /** Mean confidence of all answers. */
  confidence: number
  /** The middle 95 % by bootstrap over items. */
  intervals: ProtocolQuality['intervals']
}

/** An answer without what only times need. */
export const scoredCase = (answer: Answer): ScoredCase => ({
  item: answer.item,
  candidates: candidateOperations(answer.prediction),
  accepted: answer.accepted.map(({ operations }) => operations),
  confidence: answer.prediction.confidence,
  abstained: answer.prediction.abstained,
  blanked: answer.blanked,
  resourceSimilarity: resourceSimilarity(answer),
  baselines: answer.baselines,
})

/** @param random of the bootstrap */
export function evaluateAnswers(answers: Answer[], random: Random): Evaluation {
  const cases = answers.map(scoredCase)
  const { orderErrors, resourceLevenshtein, calibration, abstention, confidence, intervals } = scoreProtocol('', cases, random)
  const names = [...new Set(cases.flatMap(({ baselines }) => baselines.map(({ name }) => name)))]
  return {
    items: answers.length,
    sequences: scoreSequences(cases),
    baselines: names.map((name) => {
      const of = cases.flatMap(({ accepted, baselines }) => {
        const baseline = baselines.find((entry) => entry.name === name)
        return baseline === undefined ? [] : [{ candidates: baseline.candidates, accepted }]
      })
      return { name, ...scoreSequences(of) }
    }),
    resources: resourceScores(answers),
    times: { setup: timeQuality(answers, 'setup', random), run: timeQuality(answers, 'run', random) },
    calibration,
    confidence,
    orderErrors,
    resourceLevenshtein,
    intervals,
    abstained: abstention.rate,
    abstention,
  }
}

function resourceScores(answers: Answer[]): Evaluation['resources'] {
  let first = 0
  let offered = 0
  let steps = 0
  for (const answer of answers) {
    for (const { step, routing, at } of alignedSteps(answer)) {
      const resource = routing.resources[at]
      if (resource === null) continue
      steps++
      if (step.resource === resource) first++
      if (step.resource === resource || step.alternatives.some((alternative) => alternative.resource === resource)) offered++
    }
  }
  return steps === 0 ? null : { first: first / steps, offered: offered / steps, steps }
}

const fields = { setup: 'setupMinutes', run: 'runMinutes' } as const

function timeQuality(answers: Answer[], kind: 'setup' | 'run', random: Random): TimeQuality | null {
  const cases = answers.flatMap((answer) =>
    alignedSteps(answer).flatMap(({ step, routing, at }): (TimeCase & { median: number | null })[] => {
      const actual = routing.times[kind][at]
      const estimate = step[fields[kind]]
      if (actual === null || estimate === null) return []
      const { p10, p50, p90 } = estimate
      return [{ actual, p10, p50, p90, median: routing.medians[kind][at] }]
    }),
  )
  return scoreTimeKind(kind, cases, random)
}
