/**
 * Does the search that serves still find what its version promised? Now and then the newest question that was asked is asked again, by
 * the walk and exactly, beside the requests: the walk takes what one search takes, exact search runs on a thread of the engine. Questions
 * are kept in memory, one at a time.
 */
import { DomainError } from '../domain/error'
import { chooseBreadth } from '../domain/recall-curve'
import type { Settings } from '../domain/settings'
import type { Model } from './model'
import type { Lease } from './resident-models'
import { weightFactors } from './search'

type Probed = Pick<Model, 'version' | 'index' | 'recall' | 'encoder'>

export interface RecallProbeOptions {
  /** Throws where no version serves. */
  lease: () => Lease<Probed>
  settings: () => Pick<Settings, 'efSearch' | 'recall' | 'topK' | 'weights'>
  /** Told of what will not pass by itself. */
  reportFailure: (error: unknown) => void
  everyMs?: number
  keptMax?: number
}

/** Of the newest questions under one version, breadth and number wanted. */
export interface ProbeStatus {
  version: string
  ef: number
  k: number
  questions: number
  /** Mean share of the k truly nearest that was found. */
  measured: number
}

export interface RecallProbe {
  /** A question of this version; null where it had no vector. Cheap: the array is kept as it is and must not be changed. */
  offer(version: string, vector: Float32Array | null): void
  /** Asks once, unless no question came since. Never rejects. */
  probe(): Promise<void>
  /** Null before the first question, and after a change until the next. */
  status(): ProbeStatus | null
  start(): void
  stop(): Promise<void>
}

const SCORE_TOLERANCE = 1e-6
/** No version serves just now, or the engine has enough to do: the next question is asked again. */
const passing: string[] = ['model_not_loaded', 'busy', 'overloaded']

export function createRecallProbe({ lease, settings, reportFailure, everyMs = 15_000, keptMax = 240 }: RecallProbeOptions): RecallProbe {
  let question: { version: string; vector: Float32Array } | null = null
  let kept: { version: string; ef: number; k: number; shares: number[] } | null = null
  let timer: Timer | null = null
  let running: Promise<void> = Promise.resolve()

  const ask = async () => {
    const asked = question
    question = null
    if (asked === null) return
    const { model, release } = lease()
    try {
      const { efSearch, recall, topK, weights } = settings()
      const moved = weightFactors(model, weights) !== null
      const { ef, recall: told } = chooseBreadth(model.recall, { efSearch, recall, topK }, { moved })
      // nothing is missed where every vector is read, and nothing is promised under moved weights
      if (asked.version !== model.version || ef === null || moved) return
      const k = Math.min(told.k, model.index.count)
      const found = model.index.search(asked.vector, { k, ef: Math.max(ef, k) })
      const { scores } = await model.index.exactBatch(asked.vector, { k })
      const share = found.scores.reduce((right, score) => right + (score >= scores[k - 1] - SCORE_TOLERANCE ? 1 : 0), 0) / k
      if (kept?.version !== model.version || kept.ef !== ef || kept.k !== k) kept = { version: model.version, ef, k, shares: [] }
      kept.shares.push(share)
      if (kept.shares.length > keptMax) kept.shares.shift()
    } finally {
      release()
    }
  }
  const probe = () => {
    running = running.then(ask).catch((error) => {
      if (!passing.some((code) => error instanceof DomainError && error.code === code)) reportFailure(error)
    })
    return running
  }
  return {
    offer: (version, vector) => {
      if (vector !== null) question = { version, vector }
    },
    probe,
    status: () => {
      if (kept === null) return null
      const { shares, ...of } = kept
      return { ...of, questions: shares.length, measured: shares.reduce((sum, share) => sum + share, 0) / shares.length }
    },
    start: () => {
      timer = setInterval(probe, everyMs)
      timer.unref()
    },
    stop: async () => {
      if (timer !== null) clearInterval(timer)
      await running
    },
  }
}
