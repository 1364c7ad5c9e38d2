/** What a person changed between a proposal and the routing that was saved from it. */
import type { AdoptionBand, AdoptionFigures, AdoptionReport, RoutingChange, SavedStep } from '../contract/adoption'
import { levenshtein } from './evaluation/sequence-metrics'

/** A candidate as it was proposed. */
export interface ProposedRouting {
  id: string
  operations: string[]
  /** One per step; null when they were not kept. */
  resources: (string | null)[] | null
}

/** @param proposed null when nothing was: every saved step is then added */
export function compareRoutings(proposed: ProposedRouting | null, saved: readonly SavedStep[]): RoutingChange {
  const before = proposed?.operations ?? []
  const after = saved.map(({ operation }) => operation)
  const places = keptPlaces(before, after)
  const editDistance = distance(before, after)
  return {
    exact: editDistance === 0,
    editDistance,
    editDistanceWithResources: distanceWithResources(proposed, saved),
    proposedSteps: before.length,
    savedSteps: after.length,
    kept: places.length,
    added: after.length - places.length,
    removed: before.length - places.length,
    moved: places.length - longestAscent(places),
    keptShare: before.length === 0 ? null : places.length / before.length,
  }
}

export const hasOperations = ({ operations }: ProposedRouting, saved: readonly SavedStep[]): boolean =>
  operations.length === saved.length && operations.every((operation, at) => operation === saved[at].operation)

/** For each kept step of `before`, in order: its place in `after`. The n-th occurrence is the n-th occurrence. */
function keptPlaces(before: readonly string[], after: readonly string[]): number[] {
  const places = new Map<string, number[]>()
  after.forEach((operation, at) => {
    const known = places.get(operation)
    if (known === undefined) places.set(operation, [at])
    else known.push(at)
  })
  const used = new Map<string, number>()
  const kept: number[] = []
  for (const operation of before) {
    const occurrence = used.get(operation) ?? 0
    used.set(operation, occurrence + 1)
    const place = places.get(operation)?.[occurrence]
    if (place !== undefined) kept.push(place)
  }
  return kept
}

/** Length of the longest strictly ascending subsequence, by patience sorting. */
function longestAscent(values: readonly number[]): number {
  const ends: number[] = []
  for (const value of values) {
    let low = 0
    let high = ends.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle] < value) low = middle + 1
      else high = middle
    }
    ends[low] = value
  }
  return ends.length
}

function distanceWithResources(proposed: ProposedRouting | null, saved: readonly SavedStep[]): number | null {
  if (proposed?.resources == null || !proposed.resources.some((resource) => resource !== null)) return null
  if (!saved.some(({ resource }) => resource != null)) return null
  const { operations, resources } = proposed
  const pair = (operation: string, resource: string | null | undefined) => `${operation}\u0001${resource ?? ''}`
  return distance(
    operations.map((operation, at) => pair(operation, resources[at])),
    saved.map(({ operation, resource }) => pair(operation, resource)),
  )
}

/** Levenshtein without the beginning and the end that are the same: most of it, and the table is as large as the product. */
function distance(before: readonly string[], after: readonly string[]): number {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++
  return levenshtein(before.slice(start, before.length - end), after.slice(start, after.length - end))
}

/** A saved proposal, its newest revision. */
export interface SavedProposal {
  /** Unix milliseconds. */
  at: number
  confidence: number
  exact: boolean
  firstExact: boolean
  editDistance: number
  proposedSteps: number
  kept: number
}

const BANDS = 10

/** @param days YYYY-MM-DD, UTC, ascending */
export function summarizeAdoption(rows: readonly SavedProposal[], days: readonly string[]): Omit<AdoptionReport, 'since' | 'version'> {
  const byDay = Map.groupBy(rows, ({ at }) => new Date(at).toISOString().slice(0, 10))
  const byBand = Map.groupBy(rows, ({ confidence }) => Math.min(BANDS - 1, Math.floor(confidence * BANDS)))
  const bands = Array.from({ length: BANDS }, (_, band): AdoptionBand => {
    const inBand = byBand.get(band) ?? []
    const confidence = meanOf(inBand.map((row) => row.confidence))
    return { from: band / BANDS, to: (band + 1) / BANDS, confidence, ...figuresOf(inBand) }
  })
  const gaps = bands.map(({ saved, confidence, firstExactShare }) => saved * Math.abs((confidence ?? 0) - (firstExactShare ?? 0)))
  return {
    total: figuresOf(rows),
    days: days.map((day) => ({ day, ...figuresOf(byDay.get(day) ?? []) })),
    bands,
    calibrationError: rows.length === 0 ? null : gaps.reduce((total, gap) => total + gap, 0) / rows.length,
  }
}

function figuresOf(rows: readonly SavedProposal[]): AdoptionFigures {
  const proposed = rows.reduce((total, row) => total + row.proposedSteps, 0)
  const kept = rows.reduce((total, row) => total + row.kept, 0)
  return {
    saved: rows.length,
    exactShare: meanOf(rows.map(({ exact }) => Number(exact))),
    firstExactShare: meanOf(rows.map(({ firstExact }) => Number(firstExact))),
    meanEditDistance: meanOf(rows.map(({ editDistance }) => editDistance)),
    adoptionShare: proposed === 0 ? null : kept / proposed,
  }
}

const meanOf = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((total, value) => total + value, 0) / values.length
