/** What becomes of the log lines; the log says it, health and metrics tell it. */
export interface LogStatus {
  /** Lines lost since the start of the process. */
  dropped: number
  waitingBytes: number
  /** Why files cannot be written now, as errno; null when they can. */
  problem: string | null
}
