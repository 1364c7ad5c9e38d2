/** How often each operation ran on each resource, as sorted columns. */
import type { Steps } from '../../domain/plant'

/** Rows by operation, most frequent resource first; `operation` is ascending. */
export function usualResources({ operation, resource, count }: Steps): {
  operation: Uint32Array
  resource: Uint32Array
  count: Uint32Array
} {
  const stride = operation.dictionary.length
  const counts = new Map<number, number>()
  for (let step = 0; step < count; step++) {
    if (resource.codes[step] === 0) continue
    const key = resource.codes[step] * stride + operation.codes[step]
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const rows = Array.from(counts, ([key, times]) => ({ operation: key % stride, resource: Math.floor(key / stride), times }))
  rows.sort((a, b) => a.operation - b.operation || b.times - a.times || a.resource - b.resource)
  return {
    operation: Uint32Array.from(rows, (row) => row.operation),
    resource: Uint32Array.from(rows, (row) => row.resource),
    count: Uint32Array.from(rows, (row) => row.times),
  }
}
