/** The texts of an item: name, specification, suffix and classification. Planners read them, so the rules do too. */

import type { Design } from './design'
import { kindTraits } from './family'
import { formToGroup, type GlandForm } from './gland'
import { chooser, type Random, textHash } from './random'
import { cut, dimensionText, drawRemark } from './remark'

export interface Description {
  name: string
  spec: string
  additional: string
  suffix: string
  group1: string
  group2: string
}

type Milling = Pick<GlandForm, 'taper' | 'front' | 'side' | 'sideFaces'>
const sides = [
  ['', 0, 10],
  ['|', 1, 6],
  ['|', 2, 3],
  ['/', 1, 3],
  ['/', 2, 1],
] as const
/** Most glands have one plain front face; tapers and two faces are rarer. */
const drawMilling = chooser<Milling>(
  [false, true].flatMap((taper) =>
    ([1, 2] as const).flatMap((front) =>
      sides.map(([side, sideFaces, weight]) => {
        const plain = !taper && front === 1 && side === ''
        return [{ taper, front, side, sideFaces }, plain ? 38 : weight * (taper ? 0.4 : 1) * (front === 1 ? 1.25 : 1)] as const
      }),
    ),
  ),
)
const drawKitSuffix = chooser([
  ['KIT', 855],
  ['', 128],
  ['K', 12],
  ['SP', 5],
])
const drawAssemblySuffix = chooser([
  ['', 766],
  ['R', 180],
  ['N', 50],
  ['S', 4],
])
const drawPartSuffix = chooser([
  ['', 9745],
  ['R', 160],
  ['N', 40],
  ['HCV', 50],
  ['A', 3],
  ['T', 2],
])
const drawFaceCode = chooser([
  ['5 U 4 X', 34],
  ['5 U K X', 20],
  ['8 U 4 X', 12],
  ['5 E 4 X', 9],
  ['Q U 4 X', 9],
  ['5 K K X', 6],
  ['8 K 4 N', 5],
  ['Q M 2 N', 3],
])
const drawVessel = chooser([
  ['2', 40],
  ['5', 34],
  ['3', 12],
  ['8', 8],
  ['12', 4],
  ['20', 2],
])

/** `GLAND-GENERAL` is called GLAND, `O-RING-GENERAL` O-RING; raw material is called by its form. */
function calledName({ family }: Design): string {
  const dash = family.partName.lastIndexOf('-')
  if (dash < 0) return family.partName
  return family.kind === 'raw' ? family.partName.slice(dash + 1) : family.partName.slice(0, dash)
}
const shortName = (design: Design): string => `${design.material.text.split('(')[0]} ${calledName(design)}`

/** GROUP2 of parts: mostly the common one, else a class of the family with a variant. */
function partGroup(partType: string, random: Random): string {
  if (random.chance(0.68)) return 'P-X'
  return `P${textHash(partType) % 40}-${random.pick(['A', 'B1', 'B3', 'C', 'X', ''])}`
}

function groups(design: Design, form: string, random: Random): Pick<Description, 'group1' | 'group2'> {
  const { family, seal } = design
  const { code } = kindTraits[family.kind]
  if (family.kind === 'assembly' || family.kind === 'kit') {
    const letters = seal?.letters ?? 'X'
    const group2 = family.kind === 'kit' ? 'A50-' : seal?.bellows ? 'A31-B3' : 'A31-X'
    return { group1: `${code}-${letters}${seal?.dual && random.chance(0.37) ? `/${letters}` : ''}`, group2 }
  }
  if (code.startsWith('S8')) return { group1: code, group2: 'A31-X' }
  const tail = family.kind === 'gland' ? ` -${form}` : seal !== null && random.chance(0.6) ? `-${seal.letters}` : ''
  return { group1: `${code}${tail}`, group2: partGroup(family.partType, random) }
}

type Texts = Pick<Description, 'name' | 'spec' | 'suffix'>

function faceCode(design: Design, random: Random): string {
  const x = random.next()
  if (x < 0.4) return ''
  if (x < 0.45) return '0'
  const code = drawFaceCode(random)
  return x < 0.6 ? code : cut(`${code} ${design.seal?.code ?? ''}-${1000 + random.int(9000)}`)
}

function assemblyTexts(design: Design, random: Random): Texts {
  const type = design.seal?.code ?? 'SPECIAL'
  const size = random.chance(0.5) ? ` ${Math.round(design.shaftMm * 10) / 10}` : ''
  return { name: cut(`${type} M/SEAL${size}`), spec: faceCode(design, random), suffix: drawAssemblySuffix(random) }
}

function kitTexts(design: Design, random: Random): Texts {
  const suffix = drawKitSuffix(random)
  return { name: suffix === 'KIT' ? 'REP KIT/SPARE PARTS' : 'SPARE PARTS', spec: faceCode(design, random), suffix }
}

function reservoirTexts(design: Design, random: Random): Texts {
  const material = design.material.text.startsWith('MULTIPLE') ? (random.chance(0.8) ? '316L' : '304L') : design.material.text
  const variant = random.chance(0.55) ? '01-Coil' : random.chance(0.5) ? '02-Std' : '03-Rack'
  return { name: cut(shortName(design)), spec: cut(`VD1-${drawVessel(random)}gal-${material}-(${variant}`), suffix: '' }
}

const drawInstrument = chooser([
  ['1/2NPT 0-10BAR', 3],
  ['1/2NPT 0-25BAR', 3],
  ['3/4NPT CLASS 600', 2],
  ['1/4 TUBE 316', 2],
  ['EXD IIC T6', 1],
  ['0-100 L/H', 1],
])
/** Bought and catalogue parts are specified by standard, the others by their dimensions. */
function catalogueText(design: Design, random: Random): string {
  switch (design.family.kind) {
    case 'oring':
      return `AS568-${200 + Math.round(design.shaftMm / 3)}`
    case 'screw':
      return `M${Math.max(3, Math.round(design.outsideMm))}*${Math.max(6, Math.round(design.thicknessMm / 2) * 2)}`
    case 'instrument':
      return drawInstrument(random)
    case 'store':
      return ''
    default:
      return dimensionText(design)
  }
}

function partTexts(design: Design, random: Random): Texts {
  const x = random.next()
  return {
    name: cut(shortName(design)),
    spec: x < 0.33 ? '' : x < 0.38 ? '0' : catalogueText(design, random),
    suffix: drawPartSuffix(random),
  }
}

/** All texts of a design. */
export function describe(design: Design, random: Random): Description {
  const { kind } = design.family
  const texts = kind === 'assembly' ? assemblyTexts : kind === 'kit' ? kitTexts : kind === 'reservoir' ? reservoirTexts : partTexts
  const form = kind === 'gland' ? formToGroup(drawMilling(random)) : ''
  return { ...texts(design, random), additional: drawRemark(design, random), ...groups(design, form, random) }
}
