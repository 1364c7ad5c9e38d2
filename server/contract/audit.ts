/** The audit trail: who did what, when, and what it changed. Append-only and hash-chained. */
import { type Static, Type } from '@sinclair/typebox'

export const AuditEntry = Type.Object(
  {
    id: Type.Integer(),
    at: Type.String({ description: 'ISO 8601, UTC' }),
    /** A login, the name of a key (`key:NAME`), or of a process: cli, trainer, boot, system. */
    actor: Type.String(),
    action: Type.String({ description: 'For example `model.activate`, `config.patch`, `account.approve`' }),
    subject: Type.String(),
    details: Type.Record(Type.String(), Type.Unknown()),
    hash: Type.String(),
  },
  { $id: 'AuditEntry' },
)
export type AuditEntry = Static<typeof AuditEntry>
/** The newest first; `before` pages on. */
export const AuditList = Type.Object(
  { entries: Type.Array(AuditEntry, { maxItems: 200 }), next: Type.Union([Type.Integer(), Type.Null()]) },
  { $id: 'AuditList' },
)
export type AuditList = Static<typeof AuditList>
export const AuditChain = Type.Object({ ok: Type.Boolean(), brokenAt: Type.Union([Type.Integer(), Type.Null()]) }, { $id: 'AuditChain' })
export type AuditChain = Static<typeof AuditChain>
