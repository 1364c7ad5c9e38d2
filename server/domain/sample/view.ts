/** What a planner sees of an item: the visible, dirty attributes read into the quantities that the planning rules ask for. */
import type { Attributes, Cell } from './columns'
import { type Family, familyOf, kindTraits } from './family'
import { type Material, materialOf } from './material'
import { type SealType, sealTypeOf } from './seal'

export interface PlanningView {
  family: Family
  material: Material
  /** Outside diameter in mm: as measured, else from the seal size, else the family's usual one. */
  sizeMm: number
  /** Seal size in mm, 0 when unknown. */
  sealMm: number
  seal: SealType | undefined
  /** An outer seal beside the inner one. */
  dual: boolean
  suffix: string
  spec: string
  additional: string
  group1: string
}

/** Shaft in mm that planners assume when neither a size nor a seal size is known. */
const usualShaftMm = 60
const text = (cell: Cell): string => (cell === null ? '' : String(cell))

/** mm of a value in a dirty unit: INCH and inch are inches, everything else was meant as mm. */
export const toMillimetres = (value: number, unit: string): number => (unit.toUpperCase() === 'INCH' ? value * 25.4 : value)

/** Reads an item's row. Throws nothing: unknown families are left to the caller by `undefined`. */
export function planningView(attributes: Attributes): PlanningView | undefined {
  const family = familyOf.get(text(attributes.PART_TYPE))
  if (!family) return undefined
  const outside = Number(attributes.OUTDIAMETER ?? 0)
  const sealSize = Number(attributes.IN_SEALSIZE ?? 0)
  // Sizes above 10 are millimetres whatever the unit says: KZ and GROUP stand there too.
  const sealMm = sealSize > 0 ? (sealSize > 10 ? sealSize : sealSize * 25.4) : 0
  const known = outside > 0 && outside !== 9999
  const shaft = sealMm > 0 ? sealMm : usualShaftMm
  return {
    family,
    material: materialOf(text(attributes.ITEM_MATERIAL)),
    sizeMm: known ? toMillimetres(outside, text(attributes.OUTDIAMETER_UNIT)) : shaft * kindTraits[family.kind].outside,
    sealMm,
    seal: sealTypeOf(text(attributes.IN_SEALTYPE_CD)),
    dual: text(attributes.OUT_SEALTYPE_CD) !== '',
    suffix: text(attributes.ITEM_SUFFIX),
    spec: text(attributes.ITEM_SPEC),
    additional: text(attributes.ADDITIONAL_SPEC),
    group1: text(attributes.GROUP1),
  }
}
