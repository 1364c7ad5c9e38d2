/** What a serving process answers with, over one model: the real recorder and cache, in a database in memory. */
import { defaultRuntimeConfig } from '../../server/domain/runtime-config'
import { defaultSettings } from '../../server/domain/settings'
import { AnswerCache } from '../../server/pipeline/answer-cache'
import { createAnswers } from '../../server/pipeline/answers'
import type { Model } from '../../server/pipeline/model'
import { Recorder } from '../../server/pipeline/recorder'
import { openStore } from '../../server/store/open'

export function realAnswers(model: Model) {
  const fail = (error: unknown) => {
    throw error
  }
  const recorder = new Recorder({ db: openStore(':memory:'), reportFailure: fail })
  const cache = new AnswerCache({ recordAgain: (recordable, id) => recorder.recordAgain(recordable, id), reportFailure: fail })
  const leases = { taken: 0, released: 0 }
  const answers = createAnswers({
    holder: {
      current: () => model,
      lease: () => {
        leases.taken++
        return { model, release: () => void leases.released++ }
      },
    },
    settings: () => defaultSettings,
    recorder,
    cache,
    cacheBounds: () => defaultRuntimeConfig.cache,
    watch: (_epoch, act) => act(),
    noteAnswer: () => {},
    reportFailure: fail,
  })
  return { answers, recorder, cache, leases }
}
