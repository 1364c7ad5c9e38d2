/** W3C trace context: the caller's trace goes on where its header is well-formed. */

export interface TraceParent {
  traceId: string
  /** Bit 0 of the flags: the caller records this trace. */
  sampled: boolean
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** Parses `traceparent`; null when it is absent or not as the standard says (version ff, ids of zeros). */
export function parseTraceParent(text: string | null): TraceParent | null {
  if (text === null || text.length !== 55) return null
  const parts = pattern.exec(text)
  if (parts === null) return null
  const [, version, traceId, parent, flags] = parts
  if (version === 'ff' || /^0+$/.test(traceId) || /^0+$/.test(parent)) return null
  return { traceId, sampled: (Number.parseInt(flags, 16) & 1) === 1 }
}
