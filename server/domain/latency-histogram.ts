/**
 * How latencies are spread, in buckets that grow by 2^(1/8): counts of processes and minutes add up to the same as if one had
 * counted all, and a quantile read from them is wrong by less than 4.5 %. Bucket i holds (1000·2^((i−1)/8), 1000·2^(i/8)] ms, so
 * that 1 s and 2 s are edges: whether a request kept within them is known exactly.
 */

/** Bucket → count; only buckets that were hit. */
export type LatencyCounts = Record<string, number>

const perDoubling = 8
const unitMs = 1_000
/** 1 µs and 17 minutes: what is outside counts as if it were there. */
const bucketMin = -160
const bucketMax = 80

/** The bucket of a latency in ms. Not a number and negative ones count as the least. */
export function latencyBucket(ms: number): number {
  if (!(ms > 0)) return bucketMin
  const bucket = Math.ceil(Math.log2(ms / unitMs) * perDoubling - 1e-9)
  return Math.min(Math.max(bucket, bucketMin), bucketMax)
}

/** Upper edge, which still belongs to the bucket, ms. */
export const bucketEdgeMs = (bucket: number): number => unitMs * 2 ** (bucket / perDoubling)

/** The value that stands for a bucket: the geometric middle, ms. */
const middleMs = (bucket: number) => unitMs * 2 ** ((bucket - 0.5) / perDoubling)

export function recordLatency(counts: LatencyCounts, ms: number): void {
  const bucket = latencyBucket(ms)
  counts[bucket] = (counts[bucket] ?? 0) + 1
}

/** Adds `from` into `into`. */
export function mergeLatencies(into: LatencyCounts, from: LatencyCounts): void {
  for (const bucket in from) into[bucket] = (into[bucket] ?? 0) + from[bucket]
}

export function countLatencies(counts: LatencyCounts): number {
  let sum = 0
  for (const bucket in counts) sum += counts[bucket]
  return sum
}

/** The latency (ms) below which a share `q` (0 to 1) of the requests stayed: the ⌈q·n⌉-th smallest. null when nothing was counted. */
export function latencyQuantile(counts: LatencyCounts, q: number): number | null {
  const buckets = Object.keys(counts)
    .map(Number)
    .sort((a, b) => a - b)
  const total = countLatencies(counts)
  if (total === 0) return null
  const rank = Math.max(1, Math.ceil(q * total))
  let seen = 0
  for (const bucket of buckets) {
    seen += counts[bucket]
    if (seen >= rank) return middleMs(bucket)
  }
  return null
}

/** How many stayed at or below `ms`. Exact where `ms` is an edge (500, 1000, 2000); elsewhere the bucket that it lies in counts as above. */
export function countWithin(counts: LatencyCounts, ms: number): number {
  let sum = 0
  for (const bucket in counts) if (bucketEdgeMs(Number(bucket)) <= ms * (1 + 1e-9)) sum += counts[bucket]
  return sum
}

const hitPrefix = 'h'

/** Counts a latency of an answer from the cache beside the others, under keys of its own: one record holds both. */
export function recordHitLatency(counts: LatencyCounts, ms: number): void {
  const key = hitPrefix + latencyBucket(ms)
  counts[key] = (counts[key] ?? 0) + 1
}

/** The two histograms of a record: of all, and of those from the cache. */
export function splitLatencies(counts: LatencyCounts): { all: LatencyCounts; hits: LatencyCounts } {
  const all: LatencyCounts = {}
  const hits: LatencyCounts = {}
  for (const key in counts) {
    if (key.startsWith(hitPrefix)) hits[key.slice(hitPrefix.length)] = counts[key]
    else all[key] = counts[key]
  }
  return { all, hits }
}
