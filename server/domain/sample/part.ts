/** The 41 attributes of one item: its design, with the dirt that an item master collects. */
import type { Attributes } from './columns'
import { describe } from './description'
import type { Design } from './design'
import { type Family, kindTraits } from './family'
import { chooser, type Random } from './random'

const drawMissing = chooser<'' | null>([
  ['', 9],
  [null, 1],
])
const drawMetricUnit = chooser([
  ['MM', 943],
  ['mm', 48],
  ['D', 3],
  ['MM/IN', 1],
  ['25', 0.5],
])
/** Codes of bought parts: two common ones and a long tail. */
const drawBought = chooser<string>([
  ['P4', 42],
  ['C4', 28],
  ...Array.from({ length: 38 }, (_, i): [string, number] => [`${'PCB'[i % 3]}${10 + i}`, 60 / (i + 8)]),
])
const drawStandard = chooser<string | null>([
  ['N', 297571],
  ['Y', 22670],
  ['I', 508],
  [null, 229],
  ['S', 118],
  ['C', 117],
])
const drawRevision = chooser<string | null>([
  ['-', 83645],
  ['', 70000],
  ['0', 61808],
  ['1', 22035],
  ['A', 20283],
  ['2', 9986],
  ['B', 6200],
  ['3', 4100],
  [null, 7300],
  ['C', 2500],
  ['4', 1900],
  ['D', 800],
  ['5', 600],
])
const drawSheet = chooser<string | null>([
  ['1', 175693],
  ['0', 113290],
  ['', 12471],
  [null, 7267],
  ['2', 6572],
  ['3', 1579],
  ['4', 700],
])
const drawGroup3 = chooser<string | null>([
  [null, 318283],
  ['syc', 1913],
  ['csy', 754],
  ['csy0708', 355],
])
const groupNames: Record<string, string> = {
  SEC: 'SEAL ETC',
  SHD: 'HARDWARE',
  D: 'ddd',
  SFC: 'SEAL FACE',
  VRP: 'O-RING/PACKING',
  RAW: 'RAW MATERIAL',
  FST: 'FASTENER',
  CBN: 'CARBON',
  RNG: 'RING',
  BSH: 'BUSH',
  SFT: 'SHAFT',
  BLW: 'BELLOWS',
  PLT: 'PLATE',
  ETC: 'ETC',
  NA: 'NA',
}
const rawKinds: Record<string, [string, string]> = {
  'RM#1': ['B.', 'ROUND BAR'],
  'RM#2': ['P3', '박판PLATE'],
  'RM#3': ['CP', '주조　원소재'],
  'RM#4': ['BH', 'HOLLOW BAR'],
  'RM#5': ['FG', '단조 원소재'],
}

interface Dimensions {
  outside: number
  inside: number
  thickness: number
  unit: string
}

/** Unknown sizes are 0, sometimes 9999; some rows are in inches, told by a unit column that nobody checks. */
function drawDimensions(design: Design, random: Random): Dimensions {
  if (!random.chance(kindTraits[design.family.kind].measured)) return { outside: 0, inside: 0, thickness: 0, unit: '' }
  const inInch = design.inch && random.chance(0.045)
  const value = (millimetres: number) => (inInch ? Math.round((millimetres / 25.4) * 1000) / 1000 : millimetres)
  const sentinel = random.chance(0.00012)
  return {
    outside: sentinel ? 9999 : value(design.outsideMm),
    inside: random.chance(0.06) ? 0 : value(design.insideMm),
    thickness: random.chance(0.08) ? 0 : value(design.thicknessMm),
    unit: inInch ? (random.chance(0.97) ? 'INCH' : 'inch') : drawMetricUnit(random),
  }
}

function drawUnit(family: Family, random: Random): string {
  const unit = kindTraits[family.kind].unit
  if (family.kind === 'raw') return random.chance(0.33) ? 'KG' : random.chance(0.5) ? 'MM' : random.chance(0.9) ? 'EA' : 'SH'
  if (random.chance(0.0003)) return random.chance(0.5) ? '81' : 'mm'
  return unit === 'EA' && random.chance(0.016) ? 'PCS' : unit
}

/** A drawing number: a quarter of the items share the well-known drawings. */
function drawDrawing(random: Random): string | null {
  if (random.chance(0.24)) return random.chance(0.9) ? '' : null
  const series = random.chance(0.6) ? '1K' : '2K'
  if (random.chance(0.25)) return `${series}-${14656 + Math.floor(600 * random.next() ** 1.7)}`
  return `${series}-${20000 + random.int(700000)}`
}

/** All 41 attributes but the key, which the caller sets. */
export function drawAttributes(design: Design, random: Random): Attributes {
  const { family, material, seal } = design
  const traits = kindTraits[family.kind]
  const text = describe(design, random)
  const dimensions = drawDimensions(design, random)
  const sizeValue = design.inch ? Math.round((design.shaftMm / 25.4) * 1000) / 1000 : Math.round(design.shaftMm * 10) / 10
  const sizeUnit = design.inch ? 'INCH' : 'MM'
  const sealUnit = seal === null ? '' : random.chance(0.012) ? (random.chance(0.85) ? 'KZ' : 'GROUP') : sizeUnit
  const outer = seal?.dual === true && random.chance(0.9)
  const middleMissing = random.chance(0.1107)
  const classified = traits.code !== '' && !random.chance(0.06)
  const raw = rawKinds[family.partType]
  const clockwise = design.clockwise ? 1 : 2
  const groupCode = random.chance(0.062) ? `X${random.int(15)}` : traits.group1
  return {
    ITEM_CD: '',
    PART_TYPE: family.partType,
    PartNm: family.partName,
    ITEM_SUFFIX: text.suffix,
    ITEM_SPEC: text.spec,
    ITEM_NM: text.name,
    ADDITIONAL_SPEC: text.additional,
    ITEM_MATERIAL: material.code,
    MATERIAL_DESC: random.chance(0.0036) ? null : material.text,
    ITEM_ACCT: family.kind === 'sleeve' && random.chance(0.03) ? '상품' : traits.account,
    ITEM_TYPE: random.chance(0.09) ? (random.chance(0.6) ? '' : null) : traits.itemType === 'P4' ? drawBought(random) : traits.itemType,
    ITEM_UNIT: drawUnit(family, random),
    ITEM_GRP1: groupCode,
    ITEM_GRP1NM: groupNames[groupCode] ?? null,
    STANDARD_YN: drawStandard(random),
    GROUP1: classified ? text.group1 : drawMissing(random),
    GROUP2: classified ? text.group2 : drawMissing(random),
    GROUP3: drawGroup3(random),
    DRAW_NO: drawDrawing(random),
    DRAW_REV: drawRevision(random),
    DRAW_SHEET_NO: drawSheet(random),
    DRAW_USE: null,
    ITEM_NM_ENG: null,
    OUTDIAMETER: dimensions.outside,
    INDIAMETER: dimensions.inside,
    OUTTHICKNESS: dimensions.thickness,
    OUTDIAMETER_UNIT: dimensions.unit,
    ROTATE_CLOCKWISE: clockwise,
    ROTATE_CTRCLOCKWISE: random.chance(0.2345) ? 3 - clockwise : null,
    SealTypeGrup: seal !== null && random.chance(0.26) ? seal.code : null,
    IN_SEALTYPE_CD: seal?.code ?? (random.chance(0.012) ? null : ''),
    IN_SEALSIZE: seal === null ? (random.chance(0.02) ? null : 0) : sizeValue,
    IN_SEALSIZE_UOM: sealUnit === '' && random.chance(0.012) ? null : sealUnit,
    MID_SEALTYPE_CD: middleMissing ? null : random.chance(0.0002) ? '1002092' : '',
    MID_SEALSIZE: middleMissing || random.chance(0.05) ? null : 0,
    MID_SEALSIZE_UOM: middleMissing ? null : random.chance(0.0005) ? random.pick(['MM', 'INCH', 'NA', 'in']) : '',
    OUT_SEALTYPE_CD: outer ? seal.code : random.chance(0.075) ? null : '',
    OUT_SEALSIZE: outer ? sizeValue : random.chance(0.14) ? null : 0,
    OUT_SEALSIZE_UOM: outer ? sizeUnit : random.chance(0.075) ? null : '',
    RAW_MATL_KIND: raw ? raw[0] : random.chance(0.105) ? null : '',
    RAW_MATL_KINDNM: raw ? raw[1] : null,
  }
}
