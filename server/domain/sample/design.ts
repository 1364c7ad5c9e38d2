/** A part as its designer meant it, before the item master gets it. */
import { type Family, kindTraits } from './family'
import { drawMaterial, type Material } from './material'
import { chooser, type Random } from './random'
import { drawSealType, type SealType } from './seal'

/** A design before dirt. Diameters and thickness in mm. */
export interface Design {
  family: Family
  material: Material
  shaftMm: number
  outsideMm: number
  insideMm: number
  thicknessMm: number
  seal: SealType | null
  /** Designed in inches. */
  inch: boolean
  clockwise: boolean
}

const drawInch = chooser(
  [
    1, 1.125, 1.25, 1.375, 1.5, 1.625, 1.75, 1.875, 2, 2.125, 2.25, 2.375, 2.5, 2.625, 2.75, 2.875, 3, 3.125, 3.25, 3.5, 3.75, 4, 4.25, 4.5,
    4.75, 5, 5.5, 6, 6.5, 7, 8,
  ].map((size) => [size, Math.exp(-((Math.log(size / 2.4) / 0.48) ** 2) / 2)] as const),
)
const drawMillimetre = chooser(
  [
    18, 20, 22, 24, 25, 28, 30, 32, 33, 35, 38, 40, 43, 45, 48, 50, 53, 55, 58, 60, 63, 65, 70, 75, 80, 85, 90, 95, 100, 110, 120, 125, 140,
    160, 180, 200,
  ].map((size) => [size, Math.exp(-((Math.log(size / 55) / 0.5) ** 2) / 2)] as const),
)

const round2 = (value: number): number => Math.round(value * 100) / 100

export function drawDesign(family: Family, random: Random): Design {
  const traits = kindTraits[family.kind]
  const inch = random.chance(0.69)
  const shaftMm = inch ? drawInch(random) * 25.4 : drawMillimetre(random)
  // Designers work in steps: sixteenths of an inch or whole and half millimetres.
  const step = inch ? 25.4 / 16 : shaftMm > 100 ? 1 : 0.5
  const stepped = (millimetres: number) => round2(Math.max(1, Math.round(millimetres / step)) * step)
  const vary = () => 0.94 + 0.03 * random.int(5)
  const girth = shaftMm * vary()
  const outsideMm = stepped(girth * traits.outside)
  // A wall stays, however thin the ring.
  const insideMm = traits.inside === 0 ? 0 : Math.min(stepped(girth * traits.inside), round2(outsideMm - step / 2))
  return {
    family,
    material: drawMaterial(traits.materials, random),
    shaftMm,
    outsideMm,
    insideMm,
    thicknessMm: stepped(shaftMm * traits.thickness * vary()),
    seal: random.chance(traits.sealed) ? drawSealType(random) : null,
    inch,
    clockwise: random.chance(0.523),
  }
}
