/** Who does something that the audit keeps. */
export interface Actor {
  /** Of a person's account; null for machines, the command line and our own processes. */
  id: number | null
  /** A login, `key:NAME`, `cli:USER`, or a process: `boot`, `system`. */
  name: string
  /** Of the request that asked for it; null where there was none. */
  requestId: string | null
}
