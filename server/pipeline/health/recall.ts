/** What the search that serves is expected to find under the configuration, and what it was seen to find of late. */
import type { RecallPoint } from '../../contract/recall'
import { chooseBreadth, recallAt, wilsonBounds } from '../../domain/recall-curve'
import type { Settings } from '../../domain/settings'
import type { ProbeStatus } from '../recall-probe'
import type { NamedCheck } from './check'

export interface RecallState {
  /** Of the version that serves. */
  points: RecallPoint[]
  /** Whether its curve was measured with a bound: only then a recall is promised. */
  isPromised: boolean
  settings: Pick<Settings, 'efSearch' | 'recall' | 'topK'>
  /** The configured weights are not those of the index. */
  moved: boolean
  probe: ProbeStatus | null
}

/** Fewer questions say nothing. */
const questionsMin = 30
/** What people ask is not what training asked: only a recall so far below the promise warns. */
const droppedBy = 0.02

export function checkRecall({ points, isPromised, settings, moved, probe }: RecallState): NamedCheck[] {
  const { ef, recall } = chooseBreadth(points, settings, { moved })
  const unmeasured = settings.recall !== null && !isPromised
  const low = ef === null || moved ? null : (recallAt(points, ef, settings.topK)?.low ?? null)
  return [
    [
      'search:recall',
      {
        status: unmeasured ? 'warn' : 'pass',
        componentId: `recall@${recall.k}, ${ef === null ? 'exact' : `ef ${ef}`}`,
        observedValue: recall.expected ?? 'not measured',
        ...(recall.expected !== null && { observedUnit: 'share' }),
        ...(unmeasured && {
          output:
            'a recall is configured, but never was the recall of this version measured: every vector is read; models rebuild-index measures',
        }),
      },
    ],
    ['search:measuredRecall', seen(probe, low)],
  ]
}

/** @param low what was promised; null where nothing was */
function seen(probe: ProbeStatus | null, low: number | null): NamedCheck[1] {
  if (probe === null) return { status: 'pass', observedValue: 'no questions yet' }
  const { measured, questions, k, ef } = probe
  // a question may miss all at once: as many independent observations as questions
  const dropped = low !== null && questions >= questionsMin && wilsonBounds(measured, questions).high < low - droppedBy
  return {
    status: dropped ? 'warn' : 'pass',
    componentId: `recall@${k}, ef ${ef}, ${questions} questions`,
    observedValue: Math.round(measured * 10_000) / 10_000,
    observedUnit: 'share',
    ...(dropped && { output: `the newest questions find less than the ${low.toFixed(3)} that was promised` }),
  }
}
