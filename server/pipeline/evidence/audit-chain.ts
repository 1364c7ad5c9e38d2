/** Walks the chain of the audit now and then, so that health and metrics know whether it is whole without walking it themselves. */
import { verifyAuditChainInTurns } from '../../store/audit'
import type { Db } from '../../store/open'

const everyMs = 600_000
/** A start is busy enough. */
const firstMs = 30_000

/** `ok` is null until the first walk has ended. One of several processes walks. */
export function watchAuditChain(db: Db, { isMine }: { isMine: boolean }): { ok: () => boolean | null; stop: () => void } {
  let ok: boolean | null = null
  let timer: ReturnType<typeof setTimeout> | null = null
  let stopped = false
  const walk = async () => {
    try {
      ok = (await verifyAuditChainInTurns(db)) === null
    } catch {
      // a database that cannot be read says nothing about the chain
    }
    plan(everyMs)
  }
  const plan = (ms: number) => {
    if (stopped) return
    timer = setTimeout(() => void walk(), ms)
    timer.unref()
  }
  if (isMine) plan(firstMs)
  const stop = () => {
    stopped = true
    if (timer !== null) clearTimeout(timer)
  }
  return { ok: () => ok, stop }
}
