/** Who the ledger and the audit name for a command: the person at the keyboard as the system knows them. */
import { userInfo } from 'node:os'

export function operator(): string {
  try {
    return `cli:${userInfo().username}`
  } catch {
    // A user without an entry in the system's list, as in some containers.
    return 'cli'
  }
}
