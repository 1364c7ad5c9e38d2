/** Materials of the sample plant: code, text, and what decides about machining and treatment. */
import { chooser, type Weighted } from './random'

export type MaterialClass =
  | 'assembly'
  | 'mixed'
  | 'austenitic'
  | 'duplex'
  | 'martensitic'
  | 'nickel'
  | 'titanium'
  | 'steel'
  | 'copper'
  | 'sic'
  | 'tungsten'
  | 'carbon'
  | 'ceramic'
  | 'rubber'
  | 'plastic'
  | 'graphite'

export interface Material {
  code: string
  text: string
  class: MaterialClass
  /** Machining time against 316. */
  effort: number
}

const table: [code: string, text: string, materialClass: MaterialClass, effort: number][] = [
  ['Y00000', 'M/SEAL BOM', 'assembly', 1],
  ['Y00188', 'MULTIPLE MATERIALS', 'mixed', 1],
  ['M000DB', '316', 'austenitic', 1],
  ['M000ND', '304', 'austenitic', 0.95],
  ['M000NC', '316L', 'austenitic', 1.02],
  ['M000NB', '304L', 'austenitic', 0.97],
  ['M000DX', 'DUPLEX 2205', 'duplex', 1.3],
  ['M000DS', 'SUPER DUPLEX 2507', 'duplex', 1.45],
  ['M000HB', 'SUS420J2', 'martensitic', 1.15],
  ['M000HA', 'SUS410', 'martensitic', 1.1],
  ['M000HP', '17-4PH', 'martensitic', 1.25],
  ['M000KC', 'ALLOY C-276', 'nickel', 1.8],
  ['M000KD', 'ALLOY 20', 'nickel', 1.4],
  ['M000KI', 'INCONEL 718', 'nickel', 1.9],
  ['M000KM', 'MONEL K-500', 'nickel', 1.5],
  ['M000AM', 'AM350', 'nickel', 1.3],
  ['M000TA', 'TITANIUM GR.2', 'titanium', 1.6],
  ['M000CS', 'S45C', 'steel', 0.8],
  ['M000CM', 'SCM440', 'steel', 0.9],
  ['M000SS', 'SS400', 'steel', 0.8],
  ['M000BR', 'BRASS', 'copper', 0.6],
  ['M000BZ', 'BRONZE', 'copper', 0.7],
  ['N000SL', 'SILICON CARBIDE(SL)', 'sic', 1.5],
  ['N000SR', 'SILICON CARBIDE(RB)', 'sic', 1.35],
  ['N000SG', 'SILICON CARBIDE(GL)', 'sic', 1.55],
  ['N000TN', 'TUNGSTEN CARBIDE(NI)', 'tungsten', 1.7],
  ['N000TC', 'TUNGSTEN CARBIDE(CO)', 'tungsten', 1.65],
  ['N000C5', 'CARBON NO.5', 'carbon', 0.7],
  ['N000CR', 'CARBON(RESIN)', 'carbon', 0.7],
  ['N000CA', 'CARBON(ANTIMONY)', 'carbon', 0.8],
  ['N000AL', 'ALUMINA 99.5', 'ceramic', 1.4],
  ['R000FK', 'VITON', 'rubber', 1],
  ['R000NB', 'NBR', 'rubber', 1],
  ['R000EP', 'EPDM', 'rubber', 1],
  ['R000FF', 'KALREZ 6375', 'rubber', 1],
  ['R000AF', 'AFLAS', 'rubber', 1],
  ['P000TF', 'PTFE', 'plastic', 0.6],
  ['P000TG', 'PTFE(GLASS 25%)', 'plastic', 0.65],
  ['P000PK', 'PEEK', 'plastic', 0.8],
  ['P000GR', 'GRAPHITE', 'graphite', 0.6],
  ['P000GW', 'SPIRAL WOUND', 'graphite', 0.8],
]

const toMaterial = ([code, text, materialClass, effort]: (typeof table)[number]): Material => ({ code, text, class: materialClass, effort })
const metal = (material: Material): boolean => material.code.startsWith('M')
const base = table.map(toMaterial)
/** Older codes for the same metals: several codes share one text, as in any item master that grew for thirty years. */
const older = base
  .filter(metal)
  .flatMap((material) => Array.from({ length: 24 }, (_, k) => ({ ...material, code: material.code.replace('000', `0${k + 11}`) })))

export const materials: readonly Material[] = [...base, ...older]
const byCode = new Map(materials.map((material) => [material.code, material]))
const olderOf = new Map(base.map((material) => [material.code, older.filter((other) => other.text === material.text)]))
/** Share of metal parts registered under one of the older codes. */
const olderShare = 0.05

/** The material of a code; codes the table does not have are treated as 316. */
export const materialOf = (code: string): Material => byCode.get(code) ?? (byCode.get('M000DB') as Material)

/** Weighted material sets by name. */
export const materialSets = {
  assembly: [['Y00000', 1]],
  system: [
    ['Y00188', 94],
    ['M000NC', 4],
    ['M000CS', 2],
  ],
  hardware: [
    ['M000DB', 55],
    ['M000ND', 9],
    ['M000NC', 15],
    ['M000DX', 4],
    ['M000HB', 3.5],
    ['M000KC', 3],
    ['M000KD', 1.5],
    ['M000DS', 1.5],
    ['M000TA', 1.2],
    ['M000HP', 1],
    ['M000NB', 1],
    ['M000CM', 0.7],
    ['M000BZ', 0.6],
  ],
  face: [
    ['N000SL', 33],
    ['N000C5', 22],
    ['N000SR', 13],
    ['N000CR', 8],
    ['N000TN', 8],
    ['N000CA', 5],
    ['N000TC', 4],
    ['M000DB', 3.5],
    ['N000SG', 2],
    ['N000AL', 1.5],
  ],
  carbon: [
    ['N000C5', 60],
    ['N000CR', 25],
    ['N000CA', 15],
  ],
  ring: [
    ['R000FK', 52],
    ['R000NB', 14],
    ['R000EP', 11],
    ['R000FF', 13],
    ['R000AF', 5],
    ['P000TF', 5],
  ],
  gasket: [
    ['P000TF', 48],
    ['P000GR', 26],
    ['P000GW', 14],
    ['P000TG', 12],
  ],
  bellows: [
    ['M000AM', 40],
    ['M000KI', 30],
    ['M000KC', 22],
    ['M000DB', 8],
  ],
  small: [
    ['M000DB', 34],
    ['M000ND', 34],
    ['M000BR', 5],
    ['M000CM', 7],
    ['M000KC', 8],
    ['M000NC', 4],
  ],
  piping: [
    ['M000ND', 52],
    ['M000DB', 16],
    ['M000NC', 22],
    ['M000SS', 4],
  ],
  shaft: [
    ['M000HB', 34],
    ['M000DB', 28],
    ['M000CM', 22],
    ['M000HP', 16],
  ],
  bush: [
    ['N000C5', 40],
    ['M000BZ', 25],
    ['P000TG', 20],
    ['P000PK', 15],
  ],
  raw: [
    ['M000DB', 44],
    ['M000ND', 24],
    ['M000NC', 12],
    ['M000HB', 7],
    ['M000KC', 5],
    ['M000DX', 5],
    ['M000CS', 3],
  ],
} as const satisfies Record<string, Weighted<string>>
export type MaterialSet = keyof typeof materialSets

const choosers = Object.fromEntries(Object.entries(materialSets).map(([name, set]) => [name, chooser<string>(set)])) as Record<
  MaterialSet,
  ReturnType<typeof chooser<string>>
>

/** Draws a material of a set; some metals come under one of their older codes. */
export function drawMaterial(set: MaterialSet, random: Parameters<(typeof choosers)[MaterialSet]>[0]): Material {
  const material = materialOf(choosers[set](random))
  const others = olderOf.get(material.code) ?? []
  return others.length > 0 && random.chance(olderShare) ? random.pick(others) : material
}
