import { describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { Mapping } from '../../server/contract/mapping'
import { type Cell, type ItemColumn, itemColumns, resultColumns, routingColumns } from '../../server/domain/sample/columns'
import { families } from '../../server/domain/sample/family'
import { glandCode, standardGlands } from '../../server/domain/sample/gland'
import { sampleMapping } from '../../server/domain/sample/mapping'
import { exactMatchCeiling, sampleNoise, sampleShares } from '../../server/domain/sample/noise'
import { operations } from '../../server/domain/sample/operation'
import { originalOf, type SampleItem, sampleItem } from '../../server/domain/sample/plant'
import { itemRow, resultRow, routingRows } from '../../server/domain/sample/row'
import { plan, planningRules } from '../../server/domain/sample/rules'

const COUNT = 20_000
const plant: SampleItem[] = Array.from({ length: COUNT }, (_, index) => sampleItem(1, index))
const share = (matches: (item: SampleItem) => boolean): number => plant.filter(matches).length / COUNT
/** Pseudo-items are no parts: in a small plant they would weigh too much. */
const parts = plant.filter((item) => item.attributes.ITEM_NM !== 'STANDARD ROUTING')
const shareOf = (column: ItemColumn, value: Cell): number => parts.filter((item) => item.attributes[column] === value).length / parts.length
const codes = (item: SampleItem): string[] => item.routings[0].steps.map((step) => step.operation.code)

describe('the item master looks like the measured one', () => {
  const measured: [ItemColumn, Cell, count: number][] = [
    ['PART_TYPE', 'KBM', 51769],
    ['PART_TYPE', '233', 40074],
    ['PART_TYPE', '182', 16050],
    ['PART_TYPE', '11#1', 15137],
    ['PART_TYPE', 'O-RING#1', 13094],
    ['ITEM_SUFFIX', '', 269599],
    ['ITEM_SUFFIX', 'KIT', 34197],
    ['ITEM_SUFFIX', 'R', 12366],
    ['ITEM_MATERIAL', 'Y00000', 91411],
    ['ITEM_MATERIAL', 'M000DB', 53651],
    ['ITEM_ACCT', '반제품:M1', 177117],
    ['ITEM_ACCT', '제품', 68250],
    ['ITEM_TYPE', 'M1', 209917],
    ['ITEM_UNIT', 'SET', 107985],
    ['ITEM_GRP1', 'SEC', 91608],
    ['ITEM_GRP1NM', 'ddd', 31092],
    ['STANDARD_YN', 'Y', 22670],
    ['GROUP1', '', 21943],
    ['GROUP2', 'P-X', 102464],
    ['GROUP3', null, 318283],
    ['DRAW_NO', '', 69313],
    ['DRAW_USE', null, 321305],
    ['OUTDIAMETER_UNIT', 'MM', 129421],
    ['OUTDIAMETER_UNIT', '', 181053],
    ['ROTATE_CTRCLOCKWISE', null, 245960],
    ['IN_SEALTYPE_CD', '1002012', 23693],
    ['IN_SEALTYPE_CD', '', 123254],
    ['IN_SEALSIZE_UOM', 'INCH', 135809],
    ['OUT_SEALTYPE_CD', '1002012', 22311],
    ['RAW_MATL_KIND', 'B.', 3876],
  ]
  test.each(measured)('%s = %p in about the measured share', (column, value, count) => {
    const target = count / 321_305
    expect(Math.abs(shareOf(column, value) - target)).toBeLessThan(Math.max(0.005, target * 0.25))
  })

  test('two thirds of the diameters are unknown or small, three quarters below 10 cm', () => {
    const sizes = plant.map((item) => Number(item.attributes.OUTDIAMETER)).sort((a, b) => a - b)
    expect(sizes[COUNT / 2]).toBe(0)
    expect(sizes[(COUNT * 3) / 4]).toBeGreaterThan(70)
    expect(sizes[(COUNT * 3) / 4]).toBeLessThan(110)
  })

  test('no part has a bore as wide as itself', () => {
    for (const { attributes } of parts)
      if (Number(attributes.OUTDIAMETER) > 0) expect(Number(attributes.INDIAMETER)).toBeLessThan(Number(attributes.OUTDIAMETER))
  })

  test('about a fifth of the rows repeat an earlier one', () => {
    const rows = new Set(plant.map((item) => JSON.stringify({ ...item.attributes, ITEM_CD: '' })))
    expect(rows.size / COUNT).toBeGreaterThan(0.74)
    expect(rows.size / COUNT).toBeLessThan(0.86)
  })

  test('part types and part names are one-to-one, with a long tail', () => {
    expect(new Set(families.map((family) => family.partType)).size).toBe(families.length)
    expect(new Set(families.map((family) => family.partName)).size).toBe(families.length)
    expect(families.length).toBeGreaterThan(400)
  })
})

describe('the dirt of a real item master is there', () => {
  test("'' and null both mean missing", () => {
    for (const column of ['GROUP1', 'ITEM_TYPE', 'DRAW_NO', 'IN_SEALTYPE_CD'] as const) {
      expect(shareOf(column, '')).toBeGreaterThan(0)
      expect(shareOf(column, null)).toBeGreaterThan(0)
    }
  })
  test('units are spelt in several ways, and inches hide among millimetres', () => {
    for (const unit of ['MM', 'mm', 'INCH', 'inch', 'D', 'MM/IN']) expect(shareOf('OUTDIAMETER_UNIT', unit)).toBeGreaterThan(0)
  })
  test('wrong units of measure, sentinels and codes with a leading blank occur', () => {
    expect(share((item) => ['81', 'mm'].includes(String(item.attributes.ITEM_UNIT)))).toBeGreaterThan(0)
    expect(Array.from({ length: 60_000 }, (_, i) => sampleItem(2, i)).some((item) => item.attributes.OUTDIAMETER === 9999)).toBe(true)
    const blanks = share((item) => String(item.attributes.ITEM_CD).startsWith(' '))
    expect(Math.abs(blanks - sampleShares.leadingBlank)).toBeLessThan(0.002)
  })
  test('keys are unique once trimmed', () => {
    expect(new Set(plant.map((item) => String(item.attributes.ITEM_CD).trim())).size).toBe(COUNT)
  })
})

describe('routings follow the rules, and the slips are as documented', () => {
  const routed = plant.filter((item) => item.routings.length > 0)
  test('between 5 and 10 % of the items are new', () => {
    expect(1 - routed.length / COUNT).toBeGreaterThan(0.05)
    expect(1 - routed.length / COUNT).toBeLessThan(0.1)
  })
  test('a first routing without a slip is what the rules say', () => {
    for (const item of routed) {
      const { slip } = item.routings[0]
      if (slip === null || slip === 'machine') expect(codes(item)).toEqual(plan(item.view))
    }
  })
  test('a slip in the sequence changes it, and as often as the constants say', () => {
    const slipped = routed.filter((item) => ['forgotten', 'swapped'].includes(String(item.routings[0].slip)))
    for (const item of slipped) expect(codes(item)).not.toEqual(plan(item.view))
    expect(Math.abs(1 - slipped.length / routed.length - exactMatchCeiling)).toBeLessThan(0.004)
  })
  test('every kind of part has a rule that yields known operations', () => {
    for (const item of plant) for (const code of plan(item.view)) expect(operations.has(code)).toBe(true)
    const kinds = new Set(plant.map((item) => item.view.family.kind))
    expect(kinds.size).toBe(Object.keys(planningRules).length)
  })
  test('items of equal attributes have equal rules', () => {
    for (const item of routed.slice(0, 2_000)) {
      const original = sampleItem(1, originalOf(1, item.index))
      if (original.attributes.ITEM_NM !== 'STANDARD ROUTING' && item.attributes.ITEM_NM !== 'STANDARD ROUTING')
        expect(plan(item.view)).toEqual(plan(original.view))
    }
  })
  test('steps count about 5.4 an item, alternatives included', () => {
    const steps = plant.flatMap((item) => item.routings).reduce((sum, routing) => sum + routing.steps.length, 0)
    expect(steps / COUNT).toBeGreaterThan(5)
    expect(steps / COUNT).toBeLessThan(5.9)
  })
  test('some steps stay in-house for small parts and go outside for large ones', () => {
    const pickling = routed
      .flatMap((item) => item.routings[0].steps)
      .filter((step) => step.operation.code === 'G04-1' || step.operation.code === 'H01-1')
    expect(pickling.some((step) => step.partner === null)).toBe(true)
    expect(pickling.some((step) => step.partner !== null && step.leadDays > 0 && step.price > 0 && step.run === 0)).toBe(true)
  })
})

describe('standard routings of glands', () => {
  test('the plant lists exactly 300, each as a pseudo-item', () => {
    const listed = new Set(standardGlands().map(glandCode))
    expect(listed.size).toBe(300)
    expect(listed.has('RTG-GLAND1<-2/1PL')).toBe(true)
    const keys = new Set(plant.map((item) => item.key))
    for (const code of listed) expect(keys.has(code)).toBe(true)
  })
  test('a pseudo-item has the routing of its own code', () => {
    const templates = plant.filter((item) => item.key.startsWith('RTG-GLAND'))
    for (const item of templates) expect(routingRows(item, item.routings[0])[0][routingColumns.indexOf('REMARK')]).toBe(item.key)
  })
  test('the code of every gland follows from its visible attributes', () => {
    const glands = plant.filter((item) => item.view.family.kind === 'gland' && item.routings.length > 0 && item.view.sealMm > 0)
    expect(glands.length).toBeGreaterThan(500)
    for (const item of glands) {
      const { OUTDIAMETER, OUTDIAMETER_UNIT, IN_SEALSIZE, GROUP1, ADDITIONAL_SPEC, MATERIAL_DESC } = item.attributes
      if (OUTDIAMETER === 0 || MATERIAL_DESC === null) continue
      const known = OUTDIAMETER !== 9999
      const seal = Number(IN_SEALSIZE) > 10 ? Number(IN_SEALSIZE) : Number(IN_SEALSIZE) * 25.4
      const size = known ? Number(OUTDIAMETER) * (/^inch$/i.test(String(OUTDIAMETER_UNIT)) ? 25.4 : 1) : seal * 2.75
      const [, taper, front, side, faces] = /-(T?)([12])?(?:([SA])(.))?$/.exec(String(GROUP1 ?? '')) ?? []
      const extra = String(ADDITIONAL_SPEC)
      const suffix = extra.includes('POWDER') ? 'Z' : `${extra.includes('PIN') ? 'P' : ''}${extra.includes('BAFFLE') ? 'L' : ''}`
      const seen = `${/SUS4|17-4/.test(String(MATERIAL_DESC)) ? 'H' : ''}${extra.includes('KEY') ? 'K' : ''}${extra === 'HVOF' ? 'J' : ''}${extra === 'LAPPED' ? 'R' : ''}`
      const code = `RTG-GLAND${size <= 210 ? 1 : size <= 300 ? 2 : 3}${taper ? '<' : ''}-${front ?? 1}${side ? (side === 'S' ? '|' : '/') + faces : ''}${suffix}${seen}`
      expect(routingRows(item, item.routings[0])[0][routingColumns.indexOf('REMARK')]).toBe(code)
    }
  })
})

describe('rows', () => {
  const at = (name: (typeof routingColumns)[number]) => routingColumns.indexOf(name)
  test('sequences go by tens and the order is F, I … L', () => {
    for (const item of plant.slice(0, 3_000))
      for (const routing of item.routings) {
        const rows = routingRows(item, routing)
        expect(rows.map((row) => row[at('PROC_SEQ')])).toEqual(rows.map((_, i) => (i + 1) * 10))
        const order = rows.map((row) => row[at('ROUT_ORDER')]).join('')
        expect(order).toMatch(rows.length === 1 ? /^L$/ : /^FI*L$/)
      }
  })
  test('every table has a cell for each of its columns', () => {
    for (const item of plant.slice(0, 500)) {
      expect(itemRow(item)).toHaveLength(itemColumns.length)
      for (const routing of item.routings) for (const row of routingRows(item, routing)) expect(row).toHaveLength(routingColumns.length)
      for (const report of item.reports) expect(resultRow(item, report)).toHaveLength(resultColumns.length)
    }
  })
  test('an outsourced row names partner, days and price, an in-house one none', () => {
    for (const item of plant.slice(0, 5_000))
      for (const row of item.routings.flatMap((routing) => routingRows(item, routing))) {
        const outside = row[at('INSIDE_FLAG')] === '외주'
        expect(row[at('CUST_NM')] !== null).toBe(outside)
        expect(Number(row[at('MFG_LT')]) > 0).toBe(outside)
        expect(Number(row[at('SUBCONTRACT_PRC')]) > 0).toBe(outside)
      }
  })
})

describe('times', () => {
  const steps = plant.flatMap((item) => item.routings.flatMap((routing) => routing.steps)).filter((step) => step.partner === null)
  test('planned minutes are whole, above a quarter of an hour multiples of five', () => {
    for (const { run } of steps) expect(run > 15 ? run % 5 : run % 1).toBe(0)
  })
  test('planned times scatter around the truth as documented', () => {
    const logs = steps.filter((step) => step.trueRun > 60).map((step) => Math.log(step.run / step.trueRun))
    const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length
    const sigma = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length)
    expect(Math.abs(mean)).toBeLessThan(0.01)
    expect(sigma).toBeGreaterThan(sampleNoise.plannedSigma * 0.9)
    expect(sigma).toBeLessThan(sampleNoise.plannedSigma * 1.15)
  })
  test('reports are hours for the whole quantity, with zeros, tenfold typing errors and strays', () => {
    const reports = plant.flatMap((item) => item.reports)
    const ratios = reports
      .filter((report) => report.step.trueRun * report.quantity > 5)
      .map((report) => (report.workedHours * 60) / report.quantity / report.step.trueRun)
    const part = (matches: (ratio: number) => boolean) => ratios.filter(matches).length / ratios.length
    expect(Math.abs(part((ratio) => ratio === 0) - sampleNoise.zeroReport)).toBeLessThan(0.003)
    expect(Math.abs(part((ratio) => ratio > 5) - sampleNoise.tenfoldReport)).toBeLessThan(0.003)
    const median = ratios.sort((a, b) => a - b)[ratios.length >> 1]
    expect(Math.abs(median - 1)).toBeLessThan(0.02)
    const strays = reports.filter((report) => report.sequence > 500).length / reports.length
    expect(Math.abs(strays - sampleNoise.strayReport)).toBeLessThan(0.002)
  })
})

test('the mapping of the sample plant is valid and names columns that exist', () => {
  expect([...Value.Errors(Mapping, sampleMapping)]).toEqual([])
  for (const feature of sampleMapping.features) {
    expect(itemColumns as readonly string[]).toContain(feature.column)
    expect(feature.label?.ko && feature.label.en).toBeTruthy()
  }
  const names = sampleMapping.features.map((feature) => feature.column)
  const left = itemColumns.filter((column) => !names.includes(column))
  expect(left).toEqual(['ITEM_CD', 'DRAW_USE', 'ITEM_NM_ENG'])
})
