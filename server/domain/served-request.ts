/** What is known of a request that was answered, by whoever counts, measures and logs it. */
import type { CacheUse } from '../contract/access-line'

export interface ServedRequest {
  requestId: string
  method: string
  /** Template, for example `/api/v1/items/:code`; `-` when no route matched. */
  route: string
  status: number
  /** Code of the problem that was answered. */
  problem: string | null
  latencyMs: number
  /** Stage → ms. */
  stages: Record<string, number>
  activeVersion: string | null
  epoch: number | null
  configRevision: number | null
  efSearch: number | null
  k: number | null
  cache: CacheUse | null
  bytesIn: number | null
  bytesOut: number | null
}

/** Refused because more was asked than can be calculated. */
export const wasShed = ({ problem }: Pick<ServedRequest, 'problem'>): boolean => problem === 'overloaded' || problem === 'deadline_exceeded'

/** Streams stay open for as long as somebody listens: how long says nothing. */
export const isStream = ({ route }: Pick<ServedRequest, 'route'>): boolean => route === '/api/v1/events'
