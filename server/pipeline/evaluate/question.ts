/** The question asked about a held-out item: its attributes, some of them blanked or never seen before. */
import type { Attributes } from '../../contract/predict'
import type { Plant } from '../../domain/plant'
import { type Random, sampleRows } from '../../domain/random'
import { UNSEEN_VALUE } from '../../domain/unseen-value'

/** How an item is made harder than it is. */
export interface Hardship {
  /** Share of the known attributes that are left out, 0 to 1. */
  blank: number
  /** One text attribute gets a value that no item has. */
  unseen: boolean
}

/** The table of decay: what is known, three shares left out, one value never seen. */
export const decay: Hardship[] = [
  { blank: 0, unseen: false },
  { blank: 0.1, unseen: false },
  { blank: 0.3, unseen: false },
  { blank: 0.5, unseen: false },
  { blank: 0, unseen: true },
]

/** How a protocol is called in tables: by how it was split, and by what was taken from the questions. */
export const protocolName = (split: string, { blank, unseen }: Hardship): string =>
  [split, ...(blank > 0 ? [`${Math.round(100 * blank)} % blanked`] : []), ...(unseen ? ['one unseen value'] : [])].join(', ')

export function attributesOf(plant: Plant, item: number): Attributes {
  const attributes: Attributes = {}
  for (const { name, column } of plant.items.features) {
    const value = column.kind === 'text' ? column.dictionary[column.codes[item]] || null : column.values[item]
    attributes[name] = typeof value === 'number' && Number.isNaN(value) ? null : value
  }
  return attributes
}

/** A copy with `blank` of the known attributes left out, and then one of the remaining texts unknown to the plant. */
export function harden(attributes: Attributes, { blank, unseen }: Hardship, random: Random): Attributes {
  const hard = { ...attributes }
  const known = knownNames(hard)
  for (const at of sampleRows(known.length, Math.round(blank * known.length), random)) hard[known[at]] = null
  const texts = known.filter((name) => typeof hard[name] === 'string')
  if (unseen && texts.length > 0) hard[texts[Math.floor(random() * texts.length)]] = UNSEEN_VALUE
  return hard
}

export const knownNames = (attributes: Attributes): string[] => Object.keys(attributes).filter((name) => attributes[name] !== null)
