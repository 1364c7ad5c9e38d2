/** ADDITIONAL_SPEC: the free remark of an item. Its vocabulary (PIN, HVOF, DRIVE SLOT …) is what planning rules look for. */
import type { Design } from './design'
import { chooser, type Random } from './random'

/** The item master cuts names and specifications at this many characters. */
const WIDTH = 22
export const cut = (text: string): string => text.slice(0, WIDTH).trimEnd()

const STANDARD = '(표준설계)'
/** Stands for the tag of the pump that the item was ordered for. */
const TAG = 'TAG'

const remarks = {
  gland: chooser([
    ['', 24],
    [STANDARD, 7],
    [TAG, 8],
    ['F/Q/D 1/2NPT', 10],
    ['F/Q/D 3/8NPT', 5],
    ['FLUSH 1/4NPT', 6],
    ['PLAN 11/62', 5],
    ['PIN 2EA', 14],
    ['BAFFLE', 5],
    ['PIN-BAFFLE', 5],
    ['POWDER COATING', 5],
    ['KEY 5*5', 2],
    ['LAPPED', 2],
    ['HVOF', 1],
    ['0', 1],
  ]),
  sleeve: chooser([
    ['', 30],
    [STANDARD, 9],
    [TAG, 22],
    ['HVOF-WC', 9],
    ['CR PLATING', 6],
    ['STELLITE', 4],
    ['KEYWAY', 9],
    ['HOOK SLEEVE', 9],
    ['0', 2],
  ]),
  face: chooser([
    ['', 36],
    [STANDARD, 8],
    [TAG, 25],
    ['DRIVE SLOT', 14],
    ['LASER GROOVE', 4],
    ['INSERT IN 316', 9],
    ['0', 4],
  ]),
  carbon: chooser([
    ['Carbon-KR3-(Resin M-40', 45],
    ['Carbon-KA1-(Antimony M', 20],
    ['Carbon-KC5-(Plain M-10', 20],
    ['', 15],
  ]),
  assembly: chooser([
    [TAG, 45],
    ['', 12],
    [STANDARD, 18],
    ['API682 4TH', 10],
    ['FAT WITNESSED', 6],
    ['PLAN 53B', 7],
    ['0', 2],
  ]),
  kit: chooser([
    [TAG, 46],
    ['', 43],
    ['FACE SET', 9],
    ['0', 2],
  ]),
  reservoir: chooser([
    ['SUPPLY TANK', 20],
    [TAG, 45],
    [STANDARD, 15],
    ['', 20],
  ]),
  keyed: chooser([
    ['KEYWAY', 30],
    [TAG, 25],
    [STANDARD, 8],
    ['', 37],
  ]),
  slotted: chooser([
    ['DRIVE SLOT', 25],
    [TAG, 28],
    [STANDARD, 9],
    ['', 35],
    ['0', 3],
  ]),
  other: chooser([
    ['', 34],
    [TAG, 34],
    [STANDARD, 8],
    ['0', 3],
    ['SIZE', 21],
  ]),
}

/** The pump a seal is for, as on a plant's flow sheet. */
const tag = (random: Random): string =>
  `TAG ${random.pick(['P', 'G', 'PU', 'MP'])}-${100 + random.int(9000)}${random.pick(['', 'A', 'B', 'A/B'])}`

const sizeText = ({ outsideMm, insideMm, thicknessMm }: Design): string =>
  insideMm > 0 ? `${outsideMm}*${insideMm}*${thicknessMm}` : `${outsideMm}*${thicknessMm}`
/** Outside * inside * thickness in mm, as item specifications write it. */
export const dimensionText = (design: Design): string => cut(sizeText(design))

function vocabulary({ family, material }: Design): keyof typeof remarks {
  switch (family.kind) {
    case 'gland':
    case 'sleeve':
    case 'assembly':
    case 'kit':
    case 'reservoir':
      return family.kind
    case 'stationary':
    case 'rotating':
    case 'insert':
      return material.class === 'carbon' ? 'carbon' : 'face'
    case 'collar':
    case 'shaft':
      return 'keyed'
    case 'retainer':
    case 'housing':
      return 'slotted'
    default:
      return 'other'
  }
}

export function drawRemark(design: Design, random: Random): string {
  if (design.family.kind === 'gasket' && random.chance(0.4)) return cut(`Gasket-GT-(${design.material.text})`)
  const remark = remarks[vocabulary(design)](random)
  if (remark === TAG) return tag(random)
  if (design.family.kind === 'instrument' || design.family.kind === 'store') return remark === 'SIZE' ? '' : remark
  return remark === 'SIZE' ? dimensionText(design) : remark
}
