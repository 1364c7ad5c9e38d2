import { afterAll, describe, expect, test } from 'bun:test'
import { Value } from '@sinclair/typebox/value'
import { Mapping } from '../../server/contract/mapping'
import { SourceInspection } from '../../server/contract/source'
import { inspectSource } from '../../server/source/inspect'
import { unitsInName, unitsInValues } from '../../server/source/unit-words'
import { temporaryFolder, withSource } from './files'

const folder = temporaryFolder()
afterAll(folder.remove)

const inspected = (path: string) => withSource(path, (source) => inspectSource(source))
const lines = (header: string, count: number, row: (at: number) => string) =>
  `${header}\n${Array.from({ length: count }, (_, at) => row(at)).join('\n')}\n`

describe('a column is profiled by what stands in it', () => {
  test('missing share, distinct, top values, units, range and likeness', async () => {
    const path = folder.write(
      'profile.csv',
      'code,size,unit,weight_kg,when,note\n007,1.5,MM,2,2019-03-01,a b\n008,-2,mm,3,2019-03-02,\n009,,INCH,,2019-03-03,12 mm\n010,10,,4,2019-03-04,  \n',
    )
    const { tables, kind } = await inspected(path)
    expect(kind).toBe('csv')
    const columns = Object.fromEntries(tables[0].columns.map((column) => [column.name, column]))
    expect(columns.code).toEqual({ name: 'code', type: 'text', missing: 0, distinct: 4, units: [], top: expect.any(Array) })
    expect(columns.size).toMatchObject({ looksLike: 'number', missing: 0.25, distinct: 3, min: -2, max: 10 })
    expect(columns.unit).toMatchObject({ units: ['mm', 'inch'], distinct: 3 })
    expect(columns.weight_kg).toMatchObject({ looksLike: 'integer', units: ['kg'], min: 2, max: 4 })
    expect(columns.when).toMatchObject({ looksLike: 'datetime' })
    expect(columns.note).toMatchObject({ missing: 0.5, distinct: 2 })
  })

  test('malformed rows and unreadable tables are told', async () => {
    const { tables } = await inspected(folder.write('bad.csv', 'a,b\n1,2\n3\n'))
    expect(tables[0]).toMatchObject({ rows: 1, notes: ['row has fewer fields than the header: 1 (first at row 2)'] })
    expect((await inspected(folder.write('none.csv', ''))).tables[0]).toMatchObject({
      rows: null,
      columns: [],
      unreadable: expect.stringContaining('empty'),
    })
  })

  test('a large table is sampled, its rows are counted', async () => {
    const { tables } = await inspected(
      folder.write(
        'large.csv',
        lines('a,b', 210_000, (at) => `${at},x`),
      ),
    )
    expect(tables[0]).toMatchObject({ rows: 210_000, sampled: 200_000 })
    expect(tables[0].columns[0].distinct).toBe(200_000)
  })

  test('units in names and values', () => {
    expect(unitsInName('Dauer[min]')).toEqual(['min'])
    expect(unitsInName('MACH_WORKED_HOURS')).toEqual(['h'])
    expect(unitsInName('무게(kg)')).toEqual(['kg'])
    expect(unitsInName('실적시간')).toEqual([])
    const cells = (...values: string[]) => values.map((value) => ({ value, count: 10 }))
    expect(unitsInValues('TIME_UNIT', cells('M'))).toEqual(['min'])
    expect(unitsInValues('SIZE_UOM', cells('INCH', 'm', 'D'))).toEqual(['inch', 'm'])
    expect(unitsInValues('Class', cells('H', 'M', 'L'))).toEqual([])
    expect(unitsInValues('note', cells('92.5 mm', '3 mm', 'x'))).toEqual(['mm'])
  })
})

describe('a mapping is guessed from names and values', () => {
  test('the ERP views, with an owner before their names', async () => {
    folder.write(
      'erp/dbo_BI_ITEM_INFO_VIEW.csv',
      lines('ITEM_CD,ITEM_NM,ITEM_MATERIAL,OUTDIAMETER,OUTDIAMETER_UNIT,GROUP1,INSRT_DT', 400, (at) =>
        [
          `P${at}`,
          `GLAND type ${at % 37}`,
          `M0${at % 7}`,
          at % 3 === 0 ? 0 : at === 7 ? 9999 : at + 0.5,
          at % 3 ? 'MM' : 'INCH',
          `P11-${at % 90}-X`,
          '2019-01-01',
        ].join(','),
      ),
    )
    folder.write(
      'erp/dbo_BI_ROUTING_VIEW.csv',
      lines('ITEM_CD,ROUT_NO,PROC_SEQ,JOB_CD,JOB_NM,RES_CD,INSIDE_FLAG,TIME_UNIT,SETUP_TIME,RUN_TIME,RUN_TIME_QTY,MFG_LT', 1_200, (at) =>
        [
          `P${at % 400}`,
          1,
          ((at / 400) | 0) * 10 + 10,
          `F${at % 9}-1`,
          `job ${at % 9}`,
          `CNC-0${at % 4}`,
          at % 11 ? '사내' : '외주',
          'M',
          at % 30,
          at % 50,
          1,
          0,
        ].join(','),
      ),
    )
    folder.write(
      'erp/dbo_BI_WORK_ORDER_RESULTS.csv',
      lines('ITEM_CD,PROC_SEQ,RES_CD,JOB_CD,REPORT_DT,MACH_WORKED_HOURS,ORDER_QTY', 900, (at) =>
        [
          `P${at % 400}`,
          ((at / 400) | 0) * 10 + 10,
          `CNC-0${at % 4}`,
          `F${at % 9}-1`,
          `2020-01-${10 + (at % 20)}`,
          (at % 7) / 10,
          1 + (at % 5),
        ].join(','),
      ),
    )
    const { mapping, mappingReasons } = await inspected(`${folder.path}/erp`)
    expect(Value.Check(Mapping, mapping)).toBe(true)
    expect(mapping?.items).toMatchObject({ table: 'dbo_BI_ITEM_INFO_VIEW', key: 'ITEM_CD', title: 'ITEM_NM' })
    expect(mapping?.routings).toMatchObject({
      ...{ form: 'rows', table: 'dbo_BI_ROUTING_VIEW', item: 'ITEM_CD', routing: 'ROUT_NO', grouping: 'variants', sequence: 'PROC_SEQ' },
      ...{ operation: 'JOB_CD', operationName: 'JOB_NM', resource: 'RES_CD', leadTimeDays: 'MFG_LT' },
      inside: { column: 'INSIDE_FLAG', inside: ['사내'] },
      setup: { column: 'SETUP_TIME', unit: 'min' },
      run: { column: 'RUN_TIME', unit: 'min', per: 'RUN_TIME_QTY' },
    })
    expect(mapping?.results).toMatchObject({
      table: 'dbo_BI_WORK_ORDER_RESULTS',
      run: { column: 'MACH_WORKED_HOURS', unit: 'h', per: 'ORDER_QTY' },
    })
    const features = Object.fromEntries(mapping!.features.map((feature) => [feature.column, feature]))
    expect(features.OUTDIAMETER).toMatchObject({
      kind: 'number',
      unit: 'mm',
      unitColumn: 'OUTDIAMETER_UNIT',
      unknown: [0, 9999],
      scale: 'log',
    })
    expect(features.ITEM_MATERIAL).toMatchObject({ kind: 'category' })
    expect(features.GROUP1).toMatchObject({ kind: 'code' })
    expect(features.ITEM_NM).toBeDefined()
    expect(Object.keys(features)).not.toContain('INSRT_DT')
    expect(mappingReasons.join('\n')).toContain('PROC_SEQ is the sequence: its values go by tens')
  })

  test('Korean names, in hours by the name', async () => {
    const tables = {
      품목: Array.from({ length: 60 }, (_, at) => ({
        품목코드: `가-${at}`,
        품명: `씰 ${at} 형`,
        재질: ['SUS316', 'SUS304', '카본'][at % 3],
        외경: 50 + at,
      })),
      공정순서: Array.from({ length: 180 }, (_, at) => ({
        품목코드: `가-${at % 60}`,
        공순: ((at / 60) | 0) * 10 + 10,
        공정: ['선반', '밀링', '검사'][(at / 60) | 0],
        작업장: `작업장${at % 2}`,
        준비시간: at % 20,
        '가공시간(hour)': at % 5,
      })),
    }
    const { mapping } = await inspected(folder.write('korean.json', JSON.stringify(tables)))
    expect(mapping).toMatchObject({
      items: { table: '품목', key: '품목코드', title: '품명' },
      routings: {
        ...{ table: '공정순서', item: '품목코드', sequence: '공순', operation: '공정', workCentre: '작업장' },
        ...{ setup: { column: '준비시간', unit: 'min' }, run: { column: '가공시간(hour)', unit: 'h' } },
      },
    })
    expect(mapping?.features).toContainEqual(expect.objectContaining({ column: '외경', kind: 'number', scale: 'log' }))
  })

  test('order numbers are a history, a joined table names the operations', async () => {
    const tables = {
      product: Array.from({ length: 40 }, (_, at) => ({ productId: at, name: `Part ${at}`, colour: at % 4 === 0 ? 'red' : 'blue' })),
      location: [10, 20, 30].map((id) => ({ locationId: id, name: `Shop ${id}` })),
      orderSteps: Array.from({ length: 1_200 }, (_, at) => ({
        workOrderId: (at / 3) | 0,
        productId: ((at / 3) | 0) % 40,
        operationSequence: (at % 3) + 1,
        locationId: ((at % 3) + 1) * 10,
        actualHours: 1.5,
      })),
    }
    const { mapping } = await inspected(folder.write('orders.json', JSON.stringify(tables)))
    expect(mapping?.routings).toMatchObject({
      ...{
        table: 'orderSteps',
        item: 'productId',
        routing: 'workOrderId',
        grouping: 'history',
        sequence: 'operationSequence',
        operation: 'locationId',
      },
      ...{
        operationName: 'operations.name',
        joins: [{ table: 'location', as: 'operations', on: [{ left: 'locationId', right: 'locationId' }] }],
      },
      actualRun: { column: 'actualHours', unit: 'h' },
    })
  })

  test('lists in a cell, as JSON and as text', async () => {
    const rows = Array.from({ length: 50 }, (_, at) => ({
      shape: at % 5 ? 'round' : 'flat',
      process_chains: [['turn', 'mill'].slice(0, 1 + (at % 2)), ['cast', `op${at % 6}`]],
    }))
    expect((await inspected(folder.write('lists.json', JSON.stringify(rows)))).mapping?.routings).toEqual({
      form: 'list',
      table: 'lists',
      column: 'process_chains',
    })
    const text = lines('part_no,shape,routing', 80, (at) => `N${at},${at % 3 ? 'round' : 'flat'},A${at % 4}+B${at % 3}+C`)
    expect((await inspected(folder.write('signature.csv', text))).mapping).toMatchObject({
      items: { table: 'signature', key: 'part_no' },
      routings: { form: 'list', column: 'routing', separator: '+' },
    })
  })

  test('tables in pieces, one file an item, are united', async () => {
    const steps = ['saw', 'turn', 'mill', 'drill', 'grind']
    for (let at = 0; at < 12; at++) {
      const plan = steps.filter((_, step) => (at + step) % 3 > 0).map((step, index) => `${index + 1};P${at};${step};${index * 2}`)
      folder.write(`pieces/${at}/plan.csv`, `Nr.;Materialnummer;Schritt;Dauer[min]\n${plan.join('\n')}\n`)
      folder.write(`pieces/${at}/part.csv`, `ArtikelNr;Material;Gewicht_kg\nP${at};${at % 2 ? 'Stahl' : 'Alu'};${at + 1.5}\n`)
    }
    const { mapping } = await inspected(`${folder.path}/pieces`)
    expect(mapping).toMatchObject({
      items: { table: '*/part', key: 'ArtikelNr' },
      routings: {
        table: '*/plan',
        item: 'Materialnummer',
        sequence: 'Nr.',
        operation: 'Schritt',
        run: { column: 'Dauer[min]', unit: 'min' },
      },
    })
    expect(mapping?.features.map((feature) => feature.column)).toEqual(['Material', 'Gewicht_kg'])
  })

  test('no routing, no guess, and the reason why', async () => {
    const { mapping, mappingReasons } = await inspected(
      folder.write(
        'sales.csv',
        lines('customer,amount', 20, (at) => `C${at},${at}`),
      ),
    )
    expect(mapping).toBeNull()
    expect(mappingReasons[0]).toContain('No table looks like routings')
  })

  test('an inspection fits its contract', async () => {
    expect(Value.Check(SourceInspection, await inspected(folder.path))).toBe(true)
  })
})
