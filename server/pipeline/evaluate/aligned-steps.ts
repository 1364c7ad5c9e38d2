/** The first candidate's steps beside those of the accepted routing that they are nearest to: resources and minutes compare there only. */
import type { Prediction } from '../../contract/predict'
import { sequenceSimilarity } from '../../domain/evaluation/sequence-metrics'

/** One held-out item: what was predicted, what is accepted, and what the baselines say. */
export interface Answer {
  /** The item as the plant calls it. */
  item: string
  /** Share of the known attributes that the question left out. */
  blanked: number
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

interface AlignedStep {
  step: Prediction['candidates'][number]['steps'][number]
  routing: AcceptedRouting
  /** Position in the routing. */
  at: number
}

export const candidateOperations = (prediction: Prediction): string[][] =>
  prediction.candidates.map(({ steps }) => steps.map(({ operation }) => operation))

/** Pairs the first candidate's steps with those of the nearest accepted routing, by operation and occurrence. */
export function alignedSteps({ prediction, accepted }: Pick<Answer, 'prediction' | 'accepted'>): AlignedStep[] {
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

/** Similarity of the first candidate on (operation, resource) to the nearest accepted routing; null where those name no resource. */
export function resourceSimilarity({ prediction, accepted }: Pick<Answer, 'prediction' | 'accepted'>): number | null {
  if (!accepted.some(({ resources }) => resources.some((resource) => resource !== null))) return null
  const pair = (operation: string, resource: string | null) => `${operation}\u0001${resource ?? ''}`
  const steps = (prediction.candidates[0]?.steps ?? []).map(({ operation, resource }) => pair(operation, resource))
  const similarities = accepted.map(({ operations, resources }) =>
    sequenceSimilarity(
      steps,
      operations.map((operation, at) => pair(operation, resources[at])),
    ),
  )
  return Math.max(...similarities)
}
