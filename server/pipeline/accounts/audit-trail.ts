/** The audit as admins read it, and its anchor in the log: who changes rows of the database must change the log as well. */
import type { AuditChain, AuditEntry, AuditList } from '../../contract/audit'
import { type AuditQuery, type AuditRow, auditHead, listAudit, verifyAuditChainInTurns } from '../../store/audit'
import type { Db } from '../../store/open'

/** A page, the newest first; `next` is the `before` of the page after it. */
export function readAudit(db: Db, { limit, ...query }: AuditQuery & { limit: number }): AuditList {
  const rows = listAudit(db, { ...query, limit: limit + 1 })
  const page = rows.slice(0, limit)
  return { entries: page.map(toEntry), next: rows.length > limit ? page[page.length - 1]!.id : null }
}

/** Walks the chain in turns; those who ask meanwhile share the walk. */
export function createChainCheck(db: Db): () => Promise<AuditChain> {
  let running: Promise<AuditChain> | null = null
  const walk = async () => {
    const brokenAt = await verifyAuditChainInTurns(db)
    return { ok: brokenAt === null, brokenAt }
  }
  return () => {
    running ??= walk().finally(() => {
      running = null
    })
    return running
  }
}

const dayMs = 86_400_000

/** Writes the newest row's hash a minute from now (nobody should wait for the walk at a start) and every day. Returns the end of it. */
export function anchorAudit(
  db: Db,
  {
    write,
    everyMs = dayMs,
    firstMs = 60_000,
  }: { write: (anchor: { event: 'audit.anchor'; id: number; hash: string; ok: boolean }) => void; everyMs?: number; firstMs?: number },
): () => void {
  const check = createChainCheck(db)
  const anchor = async () => {
    try {
      const head = auditHead(db)
      if (head !== null) write({ event: 'audit.anchor', ...head, ok: (await check()).ok })
    } catch {
      // A database that cannot be read now is told by the health; the next day brings the next anchor.
    }
  }
  const first = setTimeout(() => void anchor(), firstMs)
  const timer = setInterval(() => void anchor(), everyMs)
  first.unref()
  timer.unref()
  return () => {
    clearTimeout(first)
    clearInterval(timer)
  }
}

const toEntry = ({ id, at, actor, action, subject, details, hash }: AuditRow): AuditEntry => ({
  id,
  at: new Date(at).toISOString(),
  actor,
  action,
  subject,
  details: readDetails(details),
  hash,
})

/** A row that somebody tampered with must not hide the others. */
function readDetails(text: string): Record<string, unknown> {
  try {
    const details: unknown = JSON.parse(text)
    if (typeof details === 'object' && details !== null) return details as Record<string, unknown>
  } catch {
    // Told by the chain.
  }
  return { unreadable: true }
}
