/** What an evaluation reports, and how single answers become it. */
import type { Prediction } from '../../contract/predict'
import { bootstrapMean } from '../../domain/evaluation/bootstrap'
import { type CalibrationScores, scoreCalibration } from '../../domain/evaluation/calibration-metrics'
import { orderErrors, type SequenceScores, scoreSequences, sequenceSimilarity } from '../../domain/evaluation/sequence-metrics'
import { scoreTimes, type TimeCase, type TimeScores } from '../../domain/evaluation/time-metrics'
import type { Random } from '../../domain/random'
import type { TimeKind } from '../../domain/time-estimate'

/** One held-out item: what was predicted, what is accepted, and what the baselines say. */
export interface Answer {
  prediction: Prediction
  accepted: AcceptedRouting[]
  baselines: { name: string; candidates: string[][] }[]
}

export interface AcceptedRouting {
  operations: string[]
  /** Per step; null when the plant does not say. */
  resources: (string | null)[]
  times: Record<'setup' | 'run', (number | null)[]>
  /** What the plain median of the operation would estimate, learned on the training part. */
  medians: Record<'setup' | 'run', (number | null)[]>
}

export interface Evaluation {
  items: number
  sequences: SequenceScores
  baselines: (SequenceScores & { name: string })[]
  /** Share of aligned steps whose first resource, or any offered one, is the held-out one; null without resources. */
  resources: { first: number; offered: number; steps: number } | null
  times: Record<'setup' | 'run', { predicted: TimeScores; median: TimeScores | null } | null>
  /** Of pairs of operations that both the first candidate and the nearest accepted routing have: the share in another order. */
  orderErrors: number
  /** Sequence similarity on (operation, resource); null without resources. */
  resourceLevenshtein: number | null
  calibration: CalibrationScores
  abstained: number
  /** Mean confidence of all answers. */
  confidence: number
  /** The middle 95 % by bootstrap over items. */
  intervals: { em1: [number, number]; em5: [number, number]; levenshtein: [number, number] }
}

/** @param random of the bootstrap */
export function evaluateAnswers(answers: Answer[], random: Random): Evaluation {
  const accepted = answers.map((answer) => answer.accepted.map(({ operations }) => operations))
  const sequences = answers.map(({ prediction }, index) => ({ candidates: candidateOperations(prediction), accepted: accepted[index] }))
  const names = [...new Set(answers.flatMap(({ baselines }) => baselines.map(({ name }) => name)))]
  return {
    items: answers.length,
    sequences: scoreSequences(sequences),
    baselines: names.map((name) => {
      const of = answers.flatMap((answer, index) => {
        const baseline = answer.baselines.find((entry) => entry.name === name)
        return baseline === undefined ? [] : [{ candidates: baseline.candidates, accepted: accepted[index] }]
      })
      return { name, ...scoreSequences(of) }
    }),
    resources: resourceScores(answers),
    times: { setup: timeScores(answers, 'setup', 'setupMinutes'), run: timeScores(answers, 'run', 'runMinutes') },
    calibration: scoreCalibration(
      answers.map(({ prediction }, index) => ({
        confidence: prediction.confidence,
        right: isAccepted(candidateOperations(prediction)[0], accepted[index]),
      })),
    ),
    confidence: answers.reduce((sum, { prediction }) => sum + prediction.confidence, 0) / Math.max(1, answers.length),
    orderErrors: orderErrors(sequences),
    resourceLevenshtein: resourceSimilarity(answers),
    intervals: intervalsOf(sequences, random),
    abstained: answers.filter(({ prediction }) => prediction.abstained).length / Math.max(1, answers.length),
  }
}

const candidateOperations = (prediction: Prediction): string[][] =>
  prediction.candidates.map(({ steps }) => steps.map(({ operation }) => operation))

function isAccepted(operations: string[] | undefined, accepted: string[][]): boolean {
  return operations !== undefined && accepted.some((entry) => entry.join('\u0001') === operations.join('\u0001'))
}

function intervalsOf(sequences: { candidates: string[][]; accepted: string[][] }[], random: Random): Evaluation['intervals'] {
  const single = sequences.map((entry) => scoreSequences([entry]))
  const interval = (name: 'em1' | 'em5' | 'levenshtein') =>
    bootstrapMean(
      single.map((scores) => scores[name]),
      random,
    )
  return { em1: interval('em1'), em5: interval('em5'), levenshtein: interval('levenshtein') }
}

function resourceSimilarity(answers: Answer[]): number | null {
  let sum = 0
  let count = 0
  for (const { prediction, accepted } of answers) {
    if (!accepted.some(({ resources }) => resources.some((resource) => resource !== null))) continue
    const steps = (prediction.candidates[0]?.steps ?? []).map(({ operation, resource }) => `${operation}\u0001${resource ?? ''}`)
    const similarities = accepted.map(({ operations, resources }) =>
      sequenceSimilarity(
        steps,
        operations.map((operation, at) => `${operation}\u0001${resources[at] ?? ''}`),
      ),
    )
    sum += Math.max(...similarities)
    count++
  }
  return count === 0 ? null : sum / count
}

/** Pairs the first candidate's steps with those of the nearest accepted routing, by operation and occurrence. */
function alignedSteps({
  prediction,
  accepted,
}: Answer): { step: Prediction['candidates'][number]['steps'][number]; routing: AcceptedRouting; at: number }[] {
  const candidate = prediction.candidates[0]
  if (candidate === undefined) return []
  const operations = candidate.steps.map(({ operation }) => operation)
  const similarities = accepted.map((routing) => sequenceSimilarity(operations, routing.operations))
  const routing = accepted[similarities.indexOf(Math.max(...similarities))]
  const places = new Map<string, number[]>()
  routing.operations.forEach((operation, at) => {
    places.set(operation, [...(places.get(operation) ?? []), at])
  })
  return candidate.steps.flatMap((step) => {
    const at = places.get(step.operation)?.shift()
    return at === undefined ? [] : [{ step, routing, at }]
  })
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

function timeScores(
  answers: Answer[],
  kind: 'setup' | ('run' & TimeKind),
  field: 'setupMinutes' | 'runMinutes',
): { predicted: TimeScores; median: TimeScores | null } | null {
  const predicted: TimeCase[] = []
  const medians: TimeCase[] = []
  for (const answer of answers) {
    for (const { step, routing, at } of alignedSteps(answer)) {
      const actual = routing.times[kind][at]
      const estimate = step[field]
      if (actual === null || estimate === null) continue
      predicted.push({ actual, p10: estimate.p10, p50: estimate.p50, p90: estimate.p90 })
      const median = routing.medians[kind][at]
      if (median !== null) medians.push({ actual, p10: median, p50: median, p90: median })
    }
  }
  const scores = scoreTimes(predicted)
  return scores === null ? null : { predicted: scores, median: scoreTimes(medians) }
}
