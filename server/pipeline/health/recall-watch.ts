/** Watches what the search of a serving process finds, and says it beside what its version promises. */
import type { Settings } from '../../domain/settings'
import type { Model } from '../model'
import type { ModelHolder } from '../model-holder'
import { createRecallProbe } from '../recall-probe'
import { weightFactors } from '../search'
import type { NamedCheck } from './check'
import { checkRecall } from './recall'

export interface RecallWatchOptions {
  holder: Pick<ModelHolder<Model>, 'current' | 'lease' | 'status'>
  /** Of this moment. */
  settings: () => Settings
  reportFailure: (error: unknown) => void
}

export function watchRecall({ holder, settings, reportFailure }: RecallWatchOptions) {
  const { offer, start, stop, status } = createRecallProbe({ lease: () => holder.lease(), settings, reportFailure })
  const checks = (): NamedCheck[] => {
    if (holder.status().serving === null) return []
    const model = holder.current()
    const configured = settings()
    return checkRecall({
      points: model.recall,
      isPromised: model.manifest.recallCurve !== undefined,
      settings: configured,
      moved: weightFactors(model, configured.weights) !== null,
      probe: status(),
    })
  }
  return { offer, start, stop, checks }
}
