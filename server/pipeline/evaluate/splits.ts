/** Which items are held out together. */
import type { Plant } from '../../domain/plant'
import { sampleRows, seededRandom } from '../../domain/random'

/**
 * Folds of routed items; the union of all folds is every routed item.
 * @param groupOf group of an item that must not be torn apart (its family), or null to split item by item
 */
export function makeFolds(plant: Plant, groupOf: ((item: number) => string) | null, folds: number, seed: number): Uint32Array[] {
  const routed = Array.from({ length: plant.items.count }, (_, item) => item).filter(
    (item) => plant.routings.itemOffsets[item + 1] > plant.routings.itemOffsets[item],
  )
  const groups = new Map<string, number[]>()
  for (const item of routed) {
    const key = groupOf === null ? String(item) : groupOf(item)
    const members = groups.get(key)
    if (members === undefined) groups.set(key, [item])
    else members.push(item)
  }
  const all = [...groups.values()]
  const order = sampleRows(all.length, all.length, seededRandom(seed))
  const count = Math.min(folds, all.length)
  const parts: number[][] = Array.from({ length: count }, () => [])
  // the emptiest fold takes the next group, so that few large families still make folds of like size
  for (const at of order) parts.reduce((least, part) => (part.length < least.length ? part : least)).push(...all[at])
  return parts.map((part) => Uint32Array.from(part).sort())
}

/**
 * Group of each item by an attribute's value or the family. An item without one is a group of its own: unknown is no value that
 * items could have in common. Null when the plant has no such column.
 */
export function groupBy(plant: Plant, name: string): ((item: number) => string) | null {
  const feature = plant.items.features.find((entry) => entry.name === name || entry.feature.column === name)
  if (feature !== undefined) {
    const { column } = feature
    return column.kind === 'text'
      ? (item) => (column.codes[item] === 0 ? alone(item) : column.dictionary[column.codes[item]])
      : (item) => (Number.isNaN(column.values[item]) ? alone(item) : String(column.values[item]))
  }
  const { family } = plant.items
  return name === 'family' && family !== null
    ? (item) => (family.codes[item] === 0 ? alone(item) : family.dictionary[family.codes[item]])
    : null
}

/** No text of a plant holds this mark. */
const alone = (item: number): string => `\u0000${item}`
