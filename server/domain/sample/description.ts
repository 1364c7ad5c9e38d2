/** The texts of an item: name, specification, suffix and classification. Planners read them, so the rules do too. */
import { type Family, kindTraits } from './family'
import { formToGroup, type GlandForm } from './gland'
import type { Design } from './part'
import { chooser, type Random } from './random'

export interface Description {
  name: string
  spec: string
  additional: string
  suffix: string
  group1: string
  group2: string
}

/** The item master cuts names and specifications at this many characters. */
const WIDTH = 22
const cut = (text: string): string => text.slice(0, WIDTH).trimEnd()

const drawMilling = chooser<Pick<GlandForm, 'taper' | 'front' | 'side' | 'sideFaces'>>(
  [false, true].flatMap((taper) =>
    ([1, 2] as const).flatMap((front) =>
      (
        [
          ['', 0, 10],
          ['|', 1, 6],
          ['|', 2, 3],
          ['/', 1, 3],
          ['/', 2, 1],
        ] as const
      ).map(
        ([side, sideFaces, weight]) =>
          [
            { taper, front, side, sideFaces },
            !taper && front === 1 && side === '' ? 38 : (weight * (taper ? 0.4 : 1)) / (front === 1 ? 0.8 : 1),
          ] as const,
      ),
    ),
  ),
)
const drawGlandExtra = chooser([
  ['', 36],
  ['(표준설계)', 12],
  ['F/Q/D 1/2NPT', 10],
  ['FLUSH 1/4NPT', 6],
  ['PIN 2EA', 14],
  ['BAFFLE', 5],
  ['PIN-BAFFLE', 5],
  ['POWDER COATING', 5],
  ['KEY 5*5', 2],
  ['LAPPED', 2],
  ['HVOF', 1],
  ['0', 2],
])
const drawSleeveExtra = chooser([
  ['', 46],
  ['(표준설계)', 14],
  ['HVOF-WC', 9],
  ['CR PLATING', 6],
  ['STELLITE', 4],
  ['KEYWAY', 9],
  ['HOOK SLEEVE', 7],
  ['0', 5],
])
const drawFaceExtra = chooser([
  ['', 52],
  ['(표준설계)', 14],
  ['DRIVE SLOT', 14],
  ['LASER GROOVE', 4],
  ['INSERT IN 316', 9],
  ['0', 7],
])
const drawAssemblyExtra = chooser([
  ['', 30],
  ['(표준설계)', 38],
  ['API682 4TH', 10],
  ['FAT WITNESSED', 6],
  ['PLAN 53B', 7],
  ['0', 9],
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

const dimensionText = (design: Design): string =>
  design.insideMm > 0 ? `${design.outsideMm}*${design.insideMm}*${design.thicknessMm}` : `${design.outsideMm}*${design.thicknessMm}`

const shortName = (design: Design): string => `${design.material.text.split('(')[0]} ${design.family.partName.split('-')[0]}`

function groups(design: Design, form: string): Pick<Description, 'group1' | 'group2'> {
  const { family, seal } = design
  const { code } = kindTraits[family.kind]
  if (family.kind === 'assembly' || family.kind === 'kit') {
    const letters = seal?.letters ?? 'X'
    const group2 = family.kind === 'kit' ? 'A50-' : seal?.bellows ? 'A31-B3' : 'A31-X'
    return { group1: `${code}-${letters}${seal?.dual ? `/${letters}` : ''}`, group2 }
  }
  if (family.kind === 'gland') return { group1: `${code} -${form}`, group2: 'P-X' }
  const system = code.startsWith('S8')
  const tail = seal !== null && !system && (family.kind === 'retainer' || family.kind === 'collar') ? `-${seal.letters}` : ''
  return { group1: `${code}${tail}`, group2: system ? 'A31-X' : 'P-X' }
}

function assemblyTexts(design: Design, random: Random): Omit<Description, 'group1' | 'group2'> {
  const { family, seal } = design
  const kit = family.kind === 'kit'
  const code = drawFaceCode(random)
  const suffix = kit
    ? random.chance(0.855)
      ? 'KIT'
      : random.chance(0.08)
        ? 'K'
        : ''
    : random.chance(0.19)
      ? 'R'
      : random.chance(0.05)
        ? 'N'
        : ''
  return {
    name: kit ? (suffix === 'KIT' ? 'REP KIT/SPARE PARTS' : 'SPARE PARTS') : cut(`${seal?.code ?? 'SPECIAL'} M/SEAL`),
    spec: random.chance(0.4)
      ? ''
      : random.chance(0.1)
        ? '0'
        : random.chance(0.5)
          ? code
          : cut(`${code} ${seal?.code ?? ''}-${1000 + random.int(9000)}`),
    additional: kit ? (random.chance(0.6) ? '' : random.chance(0.8) ? '0' : 'FACE SET') : drawAssemblyExtra(random),
    suffix,
  }
}

function reservoirTexts(design: Design, random: Random): Omit<Description, 'group1' | 'group2'> {
  const gallons = drawVessel(random)
  const material = design.material.text.startsWith('MULTIPLE') ? (random.chance(0.8) ? '316L' : '304L') : design.material.text
  return {
    name: cut(shortName(design)),
    spec: cut(`VD1-${gallons}gal-${material}-(${random.chance(0.7) ? '01-Coil' : random.chance(0.5) ? '02-Std' : '03-Rack'}`),
    additional: random.chance(0.35) ? 'SUPPLY TANK' : random.chance(0.5) ? '(표준설계)' : '',
    suffix: '',
  }
}

const partSuffix = (family: Family, random: Random): string => {
  const x = random.next()
  if (x < 0.016) return 'R'
  if (x < 0.02) return 'N'
  return x < 0.025 && family.kind !== 'raw' ? 'HCV' : ''
}

/** The part's own remark; its vocabulary is what planning rules look for. */
function remark(design: Design, random: Random): string {
  switch (design.family.kind) {
    case 'gland':
      return drawGlandExtra(random)
    case 'sleeve':
      return drawSleeveExtra(random)
    case 'stationary':
    case 'rotating':
    case 'insert':
      if (design.material.class === 'carbon')
        return random.chance(0.5) ? 'Carbon-KR3-(Resin M-40' : random.chance(0.5) ? 'Carbon-KA1-(Antimony M' : ''
      return drawFaceExtra(random)
    case 'gasket':
      return random.chance(0.3) ? cut(`Gasket-GT-(${design.material.text})`) : ''
    case 'collar':
    case 'shaft':
      return random.chance(0.3) ? 'KEYWAY' : random.chance(0.2) ? '(표준설계)' : ''
    case 'retainer':
    case 'housing':
      return random.chance(0.25) ? 'DRIVE SLOT' : random.chance(0.3) ? '(표준설계)' : random.chance(0.1) ? '0' : ''
    default:
      return random.chance(0.5) ? '' : random.chance(0.4) ? '0' : random.chance(0.5) ? '(표준설계)' : cut(dimensionText(design))
  }
}

/** All texts of a design. */
export function describe(design: Design, random: Random): Description {
  const { kind } = design.family
  if (kind === 'assembly' || kind === 'kit') return { ...assemblyTexts(design, random), ...groups(design, '') }
  if (kind === 'reservoir') return { ...reservoirTexts(design, random), ...groups(design, '') }
  const size = cut(dimensionText(design))
  return {
    name: cut(shortName(design)),
    spec: random.chance(0.33) ? '' : random.chance(0.05) ? '0' : kind === 'oring' ? `AS568-${200 + Math.round(design.shaftMm / 3)}` : size,
    additional: remark(design, random),
    suffix: partSuffix(design.family, random),
    ...groups(design, kind === 'gland' ? formToGroup(drawMilling(random)) : ''),
  }
}
