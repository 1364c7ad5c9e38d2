/** What the figures need to know of a request that was answered; the HTTP layer's record has it. */
import type { CacheUse } from '../../contract/access-line'

export interface Served {
  requestId: string
  method: string
  /** Template; `-` when no route matched. */
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
export const wasShed = ({ problem }: Pick<Served, 'problem'>): boolean => problem === 'overloaded' || problem === 'deadline_exceeded'

/** Streams stay open for as long as somebody listens: how long says nothing. */
export const isStream = ({ route }: Pick<Served, 'route'>): boolean => route === '/api/v1/events'
