/** Time profiles of any strategy: those of the version where they serve, else made from its samples and kept for the next request. */
import { lru } from 'tiny-lru'
import { limits } from '../contract/limits'
import type { Knowledge } from '../domain/knowledge'
import { type TimeStatistics, timeKinds } from '../domain/time-estimate'
import type { TimeProfiles } from '../domain/time-profiles'
import { orderSamples, type TimeSamples } from '../domain/time-samples'
import type { TimeCuts, TimePlan } from '../domain/time-strategy'
import { summarizeStatistics } from './time-statistics'

/** Lives and dies with the model. */
export interface StrategyProfiles {
  of(plan: TimePlan): TimeProfiles
  /** Summaries that are kept. */
  readonly size: number
}

/** The order of the samples is made at the first request that needs it: 4 bytes a step. */
export function strategyProfiles({ steps }: Pick<Knowledge, 'steps'>, profiles: TimeProfiles): StrategyProfiles {
  const kept = lru<TimeStatistics | 'none'>(limits.timeSummariesMax)
  let samples: TimeSamples | null = null
  const summarize = (cuts: TimeCuts, ...[kind, level, operation, resource]: Parameters<TimeProfiles['at']>): TimeStatistics | null => {
    samples ??= orderSamples(steps.operation, steps.resource, profiles.groupOf)
    const values = samples.of(steps[timeKinds[kind]], level, operation, resource)
    return values.length === 0 ? null : summarizeStatistics(values, Uint32Array.of(0, values.length), cuts)[0]
  }
  return {
    of: (plan) => {
      if (plan.isDefaultCut && (plan.profile === 'sigma' || profiles.hasQuartiles)) return profiles
      const { cuts } = plan
      const prefix = `${cuts.zCut}/${cuts.trimLow}/${cuts.trimHigh}`
      return {
        groupOf: profiles.groupOf,
        hasQuartiles: true,
        at: (kind, level, operation, resource) => {
          const key = `${prefix}/${kind}/${level}/${operation}/${resource}`
          const known = kept.get(key)
          if (known !== undefined) return known === 'none' ? null : known
          const made = summarize(cuts, kind, level, operation, resource)
          kept.set(key, made ?? 'none')
          return made
        },
      }
    },
    get size() {
      return kept.size
    },
  }
}
