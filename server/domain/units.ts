/**
 * Units of length and mass as plants write them, and their conversion. Only units that are certain are known: `D`, `MM/IN`
 * or a number in a unit column say nothing about the value beside them.
 */

interface KnownUnit {
  dimension: 'length' | 'mass'
  /** Multiplier to the dimension's base: mm, g. */
  factor: number
}

const mm: KnownUnit = { dimension: 'length', factor: 1 }
const cm: KnownUnit = { dimension: 'length', factor: 10 }
const metre: KnownUnit = { dimension: 'length', factor: 1000 }
const inch: KnownUnit = { dimension: 'length', factor: 25.4 }
const kg: KnownUnit = { dimension: 'mass', factor: 1000 }
const gram: KnownUnit = { dimension: 'mass', factor: 1 }
const pound: KnownUnit = { dimension: 'mass', factor: 453.59237 }

/** Spelling in lower case, without a closing point → unit. */
const spellings: ReadonlyMap<string, KnownUnit> = new Map([
  ['mm', mm],
  ['㎜', mm],
  ['millimeter', mm],
  ['millimetre', mm],
  ['밀리미터', mm],
  ['cm', cm],
  ['㎝', cm],
  ['centimeter', cm],
  ['centimetre', cm],
  ['m', metre],
  ['meter', metre],
  ['metre', metre],
  ['inch', inch],
  ['inches', inch],
  ['in', inch],
  ['"', inch],
  ['”', inch],
  ['″', inch],
  ["''", inch],
  ['인치', inch],
  ['kg', kg],
  ['㎏', kg],
  ['kilogram', kg],
  ['g', gram],
  ['gram', gram],
  ['gr', gram],
  ['lb', pound],
  ['lbs', pound],
  ['pound', pound],
])

function knownUnit(text: string): KnownUnit | undefined {
  return spellings.get(text.trim().toLowerCase().replace(/\.$/, ''))
}

/** Whether the text is a unit that values can be converted from or to. */
export function isKnownUnit(text: string): boolean {
  return knownUnit(text) !== undefined
}

/**
 * Multiplier from one unit to another; 1 for equal texts, null when either is unknown or they measure different things.
 */
export function unitFactor(from: string, to: string): number | null {
  const source = knownUnit(from)
  const target = knownUnit(to)
  if (source === undefined || target === undefined) return from.trim().toLowerCase() === to.trim().toLowerCase() ? 1 : null
  return source.dimension === target.dimension ? source.factor / target.factor : null
}
