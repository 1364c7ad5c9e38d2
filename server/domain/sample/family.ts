/** Part families of the sample plant: PART_TYPE and PartNm are one-to-one, counts are those of a real item master of 321,305. */
import type { MaterialSet } from './material'
import { chooser } from './random'

/** How a family is made: the key of the planning rules. */
export const kinds = [
  'assembly',
  'kit',
  'reservoir',
  'gland',
  'sleeve',
  'stationary',
  'rotating',
  'insert',
  'oring',
  'gasket',
  'spring',
  'pin',
  'screw',
  'collar',
  'retainer',
  'ring',
  'bush',
  'shaft',
  'bellows',
  'housing',
  'plate',
  'piping',
  'cooler',
  'instrument',
  'raw',
  'store',
] as const
export type Kind = (typeof kinds)[number]

export interface Family {
  partType: string
  partName: string
  kind: Kind
  /** Items of this family in 321,305. */
  count: number
}

/** What all families of a kind share. Ratios are to the shaft diameter in mm. */
export interface KindTraits {
  materials: MaterialSet
  account: string
  itemType: string
  group1: string
  unit: string
  /** First part of GROUP1; '' where the plant never classified. */
  code: string
  /** Share with dimensions in the item master. */
  measured: number
  /** Share with a seal type and size. */
  sealed: number
  outside: number
  inside: number
  thickness: number
}

const traits = (
  materials: MaterialSet,
  account: string,
  itemType: string,
  group1: string,
  unit: string,
  code: string,
  shares: [measured: number, sealed: number],
  ratios: [outside: number, inside: number, thickness: number],
): KindTraits => ({
  materials,
  account,
  itemType,
  group1,
  unit,
  code,
  measured: shares[0],
  sealed: shares[1],
  outside: ratios[0],
  inside: ratios[1],
  thickness: ratios[2],
})

const M1 = '반제품:M1'
const bought = '부품류'
const stock = '저장품'
export const kindTraits: Record<Kind, KindTraits> = {
  assembly: traits('assembly', '제품', 'M1', 'SEC', 'SET', 'AA1', [0, 0.97], [1.4, 1, 1.4]),
  kit: traits('assembly', M1, 'M1', 'SEC', 'SET', 'AA1', [0, 0.9], [1.4, 1, 1.2]),
  reservoir: traits('system', '제품', 'M1', 'D', 'SET', 'S82-VD', [0, 0.05], [3, 0, 6]),
  gland: traits('hardware', M1, 'M1', 'SHD', 'EA', 'P11-MS-Gld', [0.9, 0.85], [2.75, 1.35, 0.45]),
  sleeve: traits('hardware', M1, 'M1', 'SHD', 'EA', 'P1-MS-Slv', [0.9, 0.85], [1.16, 1, 1.15]),
  stationary: traits('face', M1, 'M1', 'SFC', 'EA', 'P14-A-Stat', [0.92, 0.85], [1.48, 1.08, 0.22]),
  rotating: traits('face', M1, 'M1', 'SFC', 'EA', 'P15-A-Rot', [0.92, 0.85], [1.44, 1.06, 0.24]),
  insert: traits('carbon', M1, 'M1', 'CBN', 'EA', 'P17-A-Ins', [0.9, 0.8], [1.4, 1.1, 0.18]),
  oring: traits('ring', bought, 'P4', 'VRP', 'EA', 'P30-O', [0.5, 0.35], [1.2, 1.1, 0.06]),
  gasket: traits('gasket', M1, 'P4', 'NA', 'EA', 'P8-GT', [0.7, 0.5], [1.7, 1.45, 0.03]),
  spring: traits('small', '반제품:M2', 'P4', 'NA', 'EA', 'P5-SP', [0.3, 0.5], [0.12, 0.09, 0.35]),
  pin: traits('small', bought, 'C4', 'FST', 'EA', 'P6-PN', [0.45, 0.3], [0.08, 0, 0.3]),
  screw: traits('small', stock, 'P4', 'FST', 'EA', 'P7-FS', [0.2, 0], [0.12, 0, 0.3]),
  collar: traits('hardware', M1, 'M1', 'SHD', 'EA', 'P3-MS-Col', [0.88, 0.78], [1.6, 1.02, 0.25]),
  retainer: traits('hardware', M1, 'M1', 'SHD', 'EA', 'P10-MS-Ret', [0.88, 0.82], [1.52, 1.1, 0.35]),
  ring: traits('hardware', M1, 'M1', 'RNG', 'EA', 'P12-MS-Rng', [0.85, 0.7], [1.45, 1.15, 0.12]),
  bush: traits('bush', M1, 'M1', 'BSH', 'EA', 'P21-MS-Bsh', [0.88, 0.7], [1.35, 1.04, 0.3]),
  shaft: traits('shaft', M1, 'M1', 'SFT', 'EA', 'P25-SH', [0.8, 0.4], [1.1, 0, 6]),
  bellows: traits('bellows', '반제품:M2', 'SA', 'BLW', 'EA', 'P9-WB', [0.7, 0.8], [1.5, 1.15, 0.6]),
  housing: traits('hardware', M1, 'M1', 'SHD', 'EA', 'P24-MS-Hsg', [0.85, 0.6], [2.4, 1.6, 1]),
  plate: traits('small', M1, 'M1', 'PLT', 'EA', 'P20-SP', [0.55, 0.5], [0.5, 0, 0.08]),
  piping: traits('piping', bought, 'M1', 'D', 'EA', 'S84-PP', [0.1, 0], [0.5, 0.4, 5]),
  cooler: traits('piping', M1, 'M1', 'D', 'EA', 'S83-HX', [0.1, 0], [2.4, 0, 8]),
  instrument: traits('piping', bought, 'P4', 'D', 'EA', 'S86-IN', [0.02, 0], [1, 0, 1]),
  raw: traits('raw', '원소재:씰', '', 'RAW', 'KG', '', [0.5, 0], [2, 0, 4]),
  store: traits('small', stock, '', 'ETC', 'EA', 'P90-ST', [0.02, 0], [1, 0, 1]),
}

const listed: [partType: string, partName: string, kind: Kind, count: number][] = [
  ['KBM', 'M/SEAL BOM', 'assembly', 51769],
  ['233', 'REP KIT/SPARE PARTS', 'kit', 40074],
  ['182', 'RESERVOIR', 'reservoir', 16050],
  ['11#1', 'GLAND-GENERAL', 'gland', 15137],
  ['14', 'STATIONARY FACE', 'stationary', 14526],
  ['O-RING#1', 'O-RING-GENERAL', 'oring', 13094],
  ['15', 'ROTATING FACE', 'rotating', 12240],
  ['1#1', 'SLEEVE-GENERAL', 'sleeve', 11650],
  ['8#1', 'GASKET-SHEET', 'gasket', 8120],
  ['10#1', 'RETAINER-GENERAL', 'retainer', 7410],
  ['3#1', 'COLLAR-DRIVE', 'collar', 6980],
  ['6#1', 'PIN-DRIVE', 'pin', 6240],
  ['5#1', 'SPRING-COIL', 'spring', 5870],
  ['7#1', 'SCREW-SET', 'screw', 5610],
  ['16', 'SEAT RING', 'stationary', 4880],
  ['11#2', 'GLAND-API', 'gland', 4120],
  ['21', 'THROTTLE BUSH', 'bush', 3970],
  ['7#2', 'SCREW-CAP', 'screw', 3950],
  ['RM#1', 'RAW-ROUND BAR', 'raw', 3876],
  ['184', 'PIPING', 'piping', 3740],
  ['20', 'SETTING PLATE', 'plate', 3610],
  ['O-RING#2', 'O-RING-ENCAPSULATED', 'oring', 3380],
  ['11#3', 'GLAND-FLANGE', 'gland', 3240],
  ['17', 'CARBON INSERT', 'insert', 3120],
  ['1#2', 'SLEEVE-PUMPING', 'sleeve', 3050],
  ['24', 'HOUSING', 'housing', 2980],
  ['6#2', 'PIN-DOWEL', 'pin', 2870],
  ['18', 'PUMPING RING', 'ring', 2860],
  ['9#1', 'BELLOWS-WELDED', 'bellows', 2740],
  ['23', 'ADAPTER', 'housing', 2730],
  ['8#2', 'GASKET-SPIRAL', 'gasket', 2630],
  ['1#3', 'SLEEVE-STEPPED', 'sleeve', 2480],
  ['28', 'PLUG', 'screw', 2450],
  ['19', 'SPACER', 'ring', 2440],
  ['3#2', 'COLLAR-LOCK', 'collar', 2310],
  ['9#3', 'BELLOWS ASSEMBLY', 'bellows', 2210],
  ['12#1', 'RING-COMPRESSION', 'ring', 2190],
  ['5#2', 'SPRING-MULTI', 'spring', 2150],
  ['191', 'NAME PLATE', 'store', 2140],
  ['183', 'HEAT EXCHANGER', 'cooler', 2010],
  ['O-RING#3', 'BACKUP RING', 'oring', 1960],
  ['7#3', 'BOLT-HEX', 'screw', 1940],
  ['RM#2', 'RAW-PLATE', 'raw', 1930],
  ['189', 'COOLING COIL', 'cooler', 1910],
  ['10#2', 'RETAINER-BELLOWS', 'retainer', 1840],
  ['13', 'SNAP RING', 'screw', 1760],
  ['187', 'VALVE', 'instrument', 1720],
  ['RM#3', 'RAW-CASTING', 'raw', 1539],
  ['186', 'FLOW METER', 'instrument', 1480],
  ['9#2', 'BELLOWS-RUBBER', 'oring', 1420],
  ['12#2', 'RING-DRIVE', 'ring', 1390],
  ['25', 'SHAFT', 'shaft', 1260],
  ['188', 'PRESSURE GAUGE', 'instrument', 1210],
  ['8#3', 'GASKET-GRAPHITE', 'gasket', 1180],
  ['11#4', 'GLAND-COOLING', 'gland', 1120],
  ['22', 'DEFLECTOR', 'ring', 1040],
  ['192', 'LEVEL SWITCH', 'instrument', 980],
  ['5#3', 'SPRING-WAVE', 'spring', 880],
  ['RM#4', 'RAW-HOLLOW BAR', 'raw', 854],
  ['185', 'STRAINER', 'piping', 790],
  ['26', 'COVER', 'housing', 760],
  ['190', 'SUPPORT', 'piping', 640],
  ['PKG#1', 'PACKING MATERIAL', 'store', 610],
  ['RM#5', 'RAW-FORGING', 'raw', 513],
  ['JIG#1', 'JIG AND TOOL', 'store', 480],
]

/** The long tail: rare variants of the listed types, a handful to a few hundred items each. */
const tailBases = listed.filter(([type, , kind]) => !['assembly', 'kit', 'raw', 'store'].includes(kind) && !/[A-Z]/.test(type))
const tail = tailBases.flatMap(([partType, partName, kind, count], base): typeof listed =>
  Array.from({ length: 7 }, (_, k) => [
    `${partType.split('#')[0]}#${11 + base * 7 + k}`,
    `${partName.split('-')[0]}-TYPE ${11 + base * 7 + k}`,
    kind,
    Math.max(4, Math.round(count / (22 * (k + 1)))),
  ]),
)

/** The first eight counts were measured; the others share what is left of the item master. */
const known = 8
const sum = (rows: typeof listed) => rows.reduce((total, [, , , count]) => total + count, 0)
const share = (321_305 - sum(listed.slice(0, known))) / (sum(listed.slice(known)) + sum(tail))

export const families: readonly Family[] = [...listed, ...tail].map(([partType, partName, kind, count], i) => ({
  partType,
  partName,
  kind,
  count: i < known ? count : count * share,
}))
export const familyOf: ReadonlyMap<string, Family> = new Map(families.map((family) => [family.partType, family]))
export const drawFamily = chooser(families.map((family) => [family, family.count] as const))
