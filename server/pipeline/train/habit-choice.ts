/** Which attribute foretells the routing best where nothing near is known: measured on the folds that are held out anyway. */
import { type Habit, hasKinds, tallyHabits } from '../../domain/habit'
import type { Knowledge } from '../../domain/knowledge'
import type { FeatureColumn, Plant, TextColumn } from '../../domain/plant'
import { type Random, sampleRows } from '../../domain/random'

/** Items held out together, and those of them that are asked. */
export interface Fold {
  rows: number[]
  out: ReadonlySet<number>
}

export type TextFeature = FeatureColumn & { column: TextColumn }

/** Items that are counted at most: shares need no more, and the time stays the same in a large plant. */
const COUNTED_MAX = 40_000
/** Items more that an attribute must get right than the whole plant's habit does. */
const GAIN_MIN = 2

/** Routed items outside of a fold. */
export function countedRows(routed: number[], out: ReadonlySet<number>, random: Random): number[] {
  const kept = routed.filter((row) => !out.has(row))
  return kept.length <= COUNTED_MAX ? kept : Array.from(sampleRows(kept.length, COUNTED_MAX, random), (at) => kept[at])
}

/** Null where no attribute is better than looking at none. */
export function chooseHabitAttribute(
  { items }: Plant,
  knowledge: Knowledge,
  { routed, folds, all, random }: { routed: number[]; folds: Fold[]; all: Habit[]; random: Random },
): TextFeature | null {
  const features = items.features.filter(
    (feature): feature is TextFeature => feature.column.kind === 'text' && hasKinds(feature.column, routed.length),
  )
  const counted = folds.map(({ out }) => countedRows(routed, out, random))
  const worthOf = (habitsOf: (row: number, fold: number) => Habit[]): number => {
    let worth = 0
    folds.forEach(({ rows }, fold) => {
      for (const row of rows) {
        const place = habitsOf(row, fold).findIndex(({ signature }) => isAccepted(knowledge, row, signature))
        worth += place === 0 ? 1.5 : place > 0 ? 0.5 : 0
      }
    })
    return worth
  }
  let best = worthOf(() => all) + GAIN_MIN
  let chosen: TextFeature | null = null
  for (const feature of features) {
    const tallies = counted.map((rows) => tallyHabits(knowledge, feature.column, rows, all))
    const worth = worthOf((row, fold) => {
      const habits = tallies[fold][feature.column.codes[row]]
      return habits.length === 0 ? all : habits
    })
    if (worth <= best) continue
    best = worth
    chosen = feature
  }
  return chosen
}

function isAccepted({ items, routings }: Knowledge, row: number, signature: number): boolean {
  for (let routing = items.routingOffsets[row]; routing < items.routingOffsets[row + 1]; routing++) {
    if (routings.signature[routing] === signature) return true
  }
  return false
}
