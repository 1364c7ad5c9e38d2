/** Pseudo-items that keep standard routings: the 300 gland plates and ten assemblies. */
import type { Attributes } from './columns'
import type { Design } from './design'
import { type Family, familyOf } from './family'
import { formToGroup, type GlandForm, glandCode, standardGlands } from './gland'
import { materialOf } from './material'
import { drawAttributes } from './part'
import type { Random } from './random'
import { sealTypeOf } from './seal'

const glands = standardGlands()
const assemblySeals = ['1057', '1044', '1002012', '1004570', '462', '662', 'X31', '101', '1002005', '1080']
export const templateCount = glands.length + assemblySeals.length

/** A typical outside diameter of each gland size in mm. */
const typicalMm = { 1: 160, 2: 255, 3: 360 }
const extra = (form: GlandForm): string =>
  form.powder ? 'POWDER COATING' : form.pin && form.baffle ? 'PIN-BAFFLE' : form.pin ? 'PIN 2EA' : form.baffle ? 'BAFFLE' : ''

function design(partType: string, materialCode: string, outsideMm: number, sealCode: string): Design {
  return {
    family: familyOf.get(partType) as Family,
    material: materialOf(materialCode),
    shaftMm: 60,
    outsideMm,
    insideMm: 0,
    thicknessMm: 0,
    seal: sealTypeOf(sealCode) ?? null,
    inch: false,
    clockwise: true,
  }
}

/** Attributes of the pseudo-item with this number, 0 to templateCount - 1. */
export function templateAttributes(number: number, random: Random): Attributes {
  const form = glands[number]
  const seal = form ? '' : assemblySeals[number - glands.length]
  const code = form ? glandCode(form) : `RTG-ASSY${String(number - glands.length + 1).padStart(2, '0')}`
  const base = drawAttributes(form ? design('11#1', 'M000DB', typicalMm[form.size], seal) : design('KBM', 'Y00000', 0, seal), random)
  const dual = !form && sealTypeOf(seal)?.dual === true
  return {
    ...base,
    ITEM_CD: code,
    ITEM_NM: 'STANDARD ROUTING',
    ITEM_SPEC: code,
    ITEM_SUFFIX: '',
    ADDITIONAL_SPEC: form ? extra(form) : '(표준설계)',
    STANDARD_YN: 'S',
    GROUP1: form ? `P11-MS-Gld -${formToGroup(form)}` : base.GROUP1,
    DRAW_NO: '',
    OUTDIAMETER: form ? typicalMm[form.size] : 0,
    INDIAMETER: 0,
    OUTTHICKNESS: 0,
    OUTDIAMETER_UNIT: form ? 'MM' : '',
    IN_SEALTYPE_CD: seal,
    OUT_SEALTYPE_CD: dual ? seal : '',
  }
}
