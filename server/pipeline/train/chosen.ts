/** What training chose, beside what lost, in the words of the report. */
import type { Learned } from '../../contract/learned'
import { limits } from '../../contract/limits'
import type { Chosen } from '../../contract/quality'
import { BASE_ONLY } from '../../domain/time-method'

export type WeightRow = Chosen['weights'][number]

const TRIALS = 100

export function chosenBy(learned: Learned, weights: WeightRow[]): Chosen {
  const { voteExponent, modelShare, far, habitShare, similarityMin, trials, timeMethods } = learned
  return {
    voteExponent,
    modelShare,
    far: far === undefined ? null : { below: far.below, modelShare: far.modelShare, habitShare: far.habitShare ?? null },
    habitShare: habitShare ?? 0,
    similarityMin,
    trials: [...trials].sort((a, b) => b.em1 + b.em5 / 2 - (a.em1 + a.em5 / 2)).slice(0, TRIALS),
    times: Object.entries(timeMethods ?? {}).map(([kind, { base, shrink, trials: tried }]) => ({
      kind,
      method: methodName(base, shrink),
      error: tried.find((trial) => trial.base === base && trial.shrink === shrink)?.error ?? 0,
      lost: tried
        .filter((trial) => (trial.base !== base || trial.shrink !== shrink) && Number.isFinite(trial.error))
        .sort((a, b) => a.error - b.error)
        .slice(0, 40)
        .map((trial) => ({ method: methodName(trial.base, trial.shrink), error: trial.error })),
    })),
    weights: weights.slice(0, limits.attributesMax),
  }
}

const bases: Record<string, string> = {
  operation: 'median of the operation',
  operation_resource: 'median of operation and resource',
  regression: 'regression on sizes',
  scaled: 'regression on sizes, neighbours brought to the size',
}

function methodName(base: string, shrink: number): string {
  const name = bases[base] ?? base
  if (shrink >= BASE_ONLY) return `${name} alone`
  return shrink === 0 ? `neighbours, else ${name}` : `neighbours with ${name} as ${shrink} ${shrink === 1 ? 'sample' : 'samples'}`
}
