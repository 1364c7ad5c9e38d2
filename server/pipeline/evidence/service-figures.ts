/** Figures of what a serving process holds, for the metrics: the ones that show our own risks. */
import type { Figure } from './metrics'

export interface ServiceFigureOptions {
  holder: () => { serving: { epoch: number } | null; mapped: string[]; draining: number }
  configRevision: () => number
  cache: () => { bytes: number; entries: number; hits: number; misses: number; shadowMismatches: number }
  recorder: () => { buffered: number; dropped: { proposals: number } }
  busy: () => number
  walBytes: () => number
  passwordsWaiting: () => number
  auditChainOk: () => boolean | null
}

const gauge = (name: string, help: string, read: Figure['read']): Figure => ({ name, help, kind: 'gauge', read })
const counter = (name: string, help: string, read: Figure['read']): Figure => ({ name, help, kind: 'counter', read })

export const serviceFigures = (of: ServiceFigureOptions): Figure[] => [
  gauge('model_epoch', 'Epoch of the version that serves', () => of.holder().serving?.epoch ?? null),
  gauge('config_rev', 'Revision of the configuration in force', of.configRevision),
  gauge('handles_open', 'Versions whose files are mapped', () => of.holder().mapped.length),
  gauge('retired_pending', 'Uses of versions that serve no more', () => of.holder().draining),
  gauge('cache_bytes', 'Answers that are kept', () => of.cache().bytes),
  gauge('cache_entries', 'Answers that are kept', () => of.cache().entries),
  counter(
    'cache_shadow_mismatch_total',
    'Kept answers that were not what would be calculated: must be 0',
    () => of.cache().shadowMismatches,
  ),
  gauge('records_buffered', 'Proposals that wait for the database', () => of.recorder().buffered),
  counter('records_dropped_total', 'Proposals that were lost', () => of.recorder().dropped.proposals),
  counter('db_busy_total', 'Writes given up because another process held the database', of.busy),
  gauge('db_wal_bytes', 'Size of the write-ahead log', of.walBytes),
  gauge('argon2_queue', 'Passwords that wait to be verified', of.passwordsWaiting),
  gauge('audit_chain_ok', 'Whether the chain of the audit was whole when it was last walked', () => {
    const ok = of.auditChainOk()
    return ok === null ? null : Number(ok)
  }),
]
