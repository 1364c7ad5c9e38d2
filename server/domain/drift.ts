/**
 * Population stability index PSI = Σ (p − q) ln(p ÷ q), with p the share of requests and q that of items in each part of an attribute's
 * values (N. Siddiqi, Credit Risk Scorecards, 2006: below .1 stable, above .25 shifted).
 *
 * With few requests the index is large by chance alone: without drift PSI ÷ (1/n + 1/N) follows χ² with B − 1 degrees of freedom
 * (B. Yurdakul, Statistical Properties of Population Stability Index, 2018). So the parts are pooled until each can expect
 * `EXPECTED_MIN` requests, the chance value is taken off before the bands are asked, and what chance could have made is stable.
 */
import type { AttributeDrift, DriftMove, DriftReport, DriftVerdict } from '../contract/drift'
import { type Marginal, type NumberMarginal, type SlotTable, slots, type TextMarginal } from './marginals'

const WATCH_FROM = 0.1
const SHIFTED_ABOVE = 0.25
/** Cochran's rule for χ²: a part that can expect fewer is pooled. */
const EXPECTED_MIN = 5
/** Normal deviate of 1 − .001: of 40 attributes without drift one exceeds it once in 25 reports. */
const CHANCE_DEVIATE = 3.09
const PSEUDO_COUNT = 0.5

type Part = Pick<DriftMove, 'kind' | 'value' | 'from' | 'to'> & { items: number; requests: number }

export interface DriftInput {
  table: SlotTable
  /** Requests per slot, of all attributes in a row. */
  counts: ArrayLike<number>
  requestsMin: number
}

/** How far the requests of every attribute are from the items, the most drifted first. */
export function measureDrift({
  table,
  counts,
  requestsMin,
}: DriftInput): Pick<DriftReport, 'requests' | 'verdict' | 'reason' | 'attributes'> {
  const { marginals, offsets } = table
  const rows = marginals.attributes.map((marginal, at) => ({
    marginal,
    counts: Array.from({ length: offsets[at + 1] - offsets[at] }, (_, slot) => counts[offsets[at] + slot]),
  }))
  // every request is in one slot of every attribute
  const requests = rows.length === 0 ? 0 : sum(rows[0].counts)
  if (requests < requestsMin) {
    return { requests, verdict: 'no_data', reason: 'few_requests', attributes: rows.map(({ marginal }) => withoutData(marginal)) }
  }
  const measured = rows.map((row) => measureAttribute(row.marginal, row.counts, marginals.items))
  measured.sort((a, b) => b.excess - a.excess || (a.drift.attribute < b.drift.attribute ? -1 : 1))
  const attributes = measured.map(({ drift }) => drift)
  const verdict = (['shifted', 'watch'] as const).find((one) => attributes.some((attribute) => attribute.verdict === one)) ?? 'stable'
  return { requests, verdict, reason: null, attributes }
}

function withoutData({ name, kind }: Marginal): AttributeDrift {
  const figures = { psi: null, psiByChance: null, ks: null, unseenShare: null, missingShare: null, missingShareTraining: null }
  return { attribute: name, kind, verdict: 'no_data', ...figures, moves: [] }
}

function measureAttribute(marginal: Marginal, counts: number[], items: number): { drift: AttributeDrift; excess: number } {
  const requests = sum(counts)
  const known = requests - counts[slots.missing]
  const parts = pool(marginal, counts, Math.min(requests, items) / items)
  const shares = smoothed(parts, { requests, items })
  const contributions = shares.map(({ p, q }) => (p - q) * Math.log(p / q))
  const psi = sum(contributions)
  const noise = 1 / requests + 1 / items
  const byChance = (parts.length - 1) * noise
  const excess = Math.max(0, psi - byChance)
  const moves = parts
    .map(({ items: ofItems, requests: ofRequests, ...part }, at) => ({
      move: { ...part, training: round(ofItems / items), requests: round(ofRequests / requests) },
      contribution: contributions[at],
    }))
    .filter(({ move }) => move.training !== move.requests)
    .sort((a, b) => b.contribution - a.contribution)
    .slice(0, 3)
  const outside = marginal.kind === 'number' ? counts[slots.below] + counts[slots.above] : counts[slots.unseen]
  const tells = marginal.kind === 'number' || marginal.tellsUnseen
  const drift: AttributeDrift = {
    attribute: marginal.name,
    kind: marginal.kind,
    verdict: psi <= chiSquareUpper(parts.length - 1) * noise ? 'stable' : verdictOf(excess),
    psi: round(psi),
    psiByChance: round(byChance),
    ks: marginal.kind === 'number' ? kolmogorovSmirnov(marginal, counts) : null,
    unseenShare: tells && known > 0 ? round(outside / known) : null,
    missingShare: round(counts[slots.missing] / requests),
    missingShareTraining: round(marginal.missing / items),
    moves: moves.map(({ move }) => move),
  }
  return { drift, excess }
}

const verdictOf = (excess: number): DriftVerdict => (excess > SHIFTED_ABOVE ? 'shifted' : excess >= WATCH_FROM ? 'watch' : 'stable')

/**
 * Parts of an attribute that can each expect enough. Values that cannot are one part together; bins of numbers join their neighbour.
 * @param scale what an item's share is multiplied with to be a number of requests
 */
function pool(marginal: Marginal, counts: number[], scale: number): Part[] {
  const parts = marginal.kind === 'number' ? poolNumbers(marginal, counts, scale) : poolTexts(marginal, counts, scale)
  const missing: Part = { kind: 'missing', value: null, from: null, to: null, items: marginal.missing, requests: counts[slots.missing] }
  return [...parts, missing].filter(({ items, requests }) => items + requests > 0)
}

function poolNumbers({ uppers, counts: ofItems }: NumberMarginal, counts: number[], scale: number): Part[] {
  const parts: Part[] = []
  let open: Part = { kind: 'range', value: null, from: null, to: null, items: 0, requests: counts[slots.below] }
  uppers.forEach((upper, bin) => {
    open = { ...open, to: upper, items: open.items + ofItems[bin], requests: open.requests + counts[slots.first + bin] }
    if (open.items * scale < EXPECTED_MIN) return
    parts.push(open)
    open = { ...open, from: upper, items: 0, requests: 0 }
  })
  // what is left over, and what lies above all, belongs to the last part
  const last: Part = parts.pop() ?? { ...open, items: 0, requests: 0 }
  const above = counts[slots.above]
  return [...parts, { ...last, to: null, items: last.items + open.items, requests: last.requests + open.requests + above }]
}

function poolTexts({ values, counts: ofItems, rest }: TextMarginal, counts: number[], scale: number): Part[] {
  const other: Part = { kind: 'other', value: null, from: null, to: null, items: rest, requests: counts[slots.unseen] + counts[slots.rest] }
  const parts: Part[] = []
  values.forEach((value, at) => {
    const requests = counts[slots.first + at]
    if (ofItems[at] * scale >= EXPECTED_MIN) parts.push({ kind: 'value', value, from: null, to: null, items: ofItems[at], requests })
    else {
      other.items += ofItems[at]
      other.requests += requests
    }
  })
  return [...parts, other]
}

/**
 * Shares of requests (p) and items (q), both as if counted among as many as the smaller of the two has, plus half a one: a single
 * unseen value among fifty requests is then no landslide.
 */
function smoothed(parts: Part[], { requests, items }: { requests: number; items: number }): { p: number; q: number }[] {
  const size = Math.min(requests, items)
  const total = size + PSEUDO_COUNT * parts.length
  return parts.map((part) => ({
    p: ((part.requests / requests) * size + PSEUDO_COUNT) / total,
    q: ((part.items / items) * size + PSEUDO_COUNT) / total,
  }))
}

/** Over the known numbers, at the ends of the bins; null when either side has none. */
function kolmogorovSmirnov({ counts: ofItems }: NumberMarginal, counts: number[]): number | null {
  const items = sum(ofItems)
  const bins = counts.slice(slots.first)
  const requests = sum(bins) + counts[slots.below] + counts[slots.above]
  if (items === 0 || requests === 0) return null
  let itemsBelow = 0
  let requestsBelow = counts[slots.below]
  let largest = requestsBelow / requests
  bins.forEach((count, bin) => {
    itemsBelow += ofItems[bin]
    requestsBelow += count
    largest = Math.max(largest, Math.abs(itemsBelow / items - requestsBelow / requests))
  })
  return round(largest)
}

/** χ² that is exceeded by chance once in a thousand (Wilson and Hilferty 1931; within 1 % from two degrees of freedom on). */
function chiSquareUpper(freedom: number): number {
  if (freedom === 0) return 0
  const ninth = 2 / (9 * freedom)
  return freedom * (1 - ninth + CHANCE_DEVIATE * Math.sqrt(ninth)) ** 3
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
const round = (value: number): number => Math.round(value * 10_000) / 10_000
