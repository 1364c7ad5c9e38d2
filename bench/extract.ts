/**
 * How long extraction takes beyond reading: 325,000 items of 41 columns and 1.76 million routing rows of 25 columns, all text
 * as a CSV export has them, made in memory with the cardinalities of a real plant. `bun bench/extract.ts [ITEMS] [REPEATS]`
 */
import type { Feature, Mapping } from '../server/contract/mapping'
import type { Column } from '../server/domain/plant'
import { extract } from '../server/pipeline/extract'
import type { Frame, Source } from '../server/source/source'

const items = Number(process.argv[2] ?? 325_000)
const repeats = Number(process.argv[3] ?? 3)
const rows = Math.round(items * 5.415)

/** Deterministic, and good enough to spread values: mulberry32. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}
const next = random(7)

function texts(count: number, dictionary: string[], code: (row: number) => number): Column {
  const codes = new Uint32Array(count)
  for (let row = 0; row < count; row++) codes[row] = code(row)
  return { kind: 'text', codes, dictionary }
}
/** Skewed: small codes are frequent, as in real columns. */
const category = (count: number, distinct: number, text = (code: number) => `V${code}`) =>
  texts(count, ['', ...Array.from({ length: distinct }, (_, at) => text(at + 1))], () => Math.floor(next() ** 3 * (distinct + 1)))

const cardinalities = [
  424, 422, 11, 50455, 17100, 39112, 1167, 883, 9, 44, 12, 33, 26, 6, 7833, 375, 3, 162935, 113, 35, 759, 873, 13, 275, 27, 23,
]
const sizes = ['OD', 'ID', 'T', 'S1', 'S2', 'S3', 'S4', 'S5']
const itemColumns = new Map<string, Column>([
  ['ITEM_CD', texts(items, ['', ...Array.from({ length: items }, (_, at) => `ITM-${at}`)], (row) => row + 1)],
  ...cardinalities.map((distinct, at): [string, Column] => [`C${at}`, category(items, distinct)]),
  ...sizes.map((name): [string, Column] => [name, category(items, 9000, (code) => (code === 1 ? '0' : (code / 16).toFixed(4)))]),
  ...sizes
    .slice(0, 4)
    .map((name): [string, Column] => [`${name}_UNIT`, category(items, 5, (code) => ['MM', 'mm', 'INCH', 'D', 'inch'][code - 1]!)]),
])
const lengths = new Uint32Array(items)
for (let row = 0; row < rows; row++) lengths[Math.floor(next() * items)]!++
const owner = new Uint32Array(rows)
const position = new Uint32Array(rows)
for (let item = 0, row = 0; item < items; item++) {
  for (let step = 1; step <= lengths[item]!; step++, row++) {
    owner[row] = item + 1
    position[row] = step
  }
}
const minutes = (distinct: number) => category(rows, distinct, (code) => (code / 8).toFixed(4))
const routingColumns = new Map<string, Column>([
  ['ITEM_CD', texts(rows, (itemColumns.get('ITEM_CD') as { dictionary: string[] }).dictionary, (row) => owner[row]!)],
  ['ROUT_NO', texts(rows, ['', '01', '02', '03'], (row) => (position[row]! > 12 ? 3 : position[row]! > 8 ? 2 : 1))],
  ['PROC_SEQ', texts(rows, ['', ...Array.from({ length: 200 }, (_, at) => String((at + 1) * 10))], (row) => Math.min(position[row]!, 200))],
  ['JOB_CD', texts(rows, ['', ...Array.from({ length: 400 }, (_, at) => `J${at}`)], () => 1 + Math.floor(next() ** 3 * 400))],
  ['JOB_NM', category(rows, 380)],
  ['RES_CD', category(rows, 350, (code) => `R${code}`)],
  ['RES_DIS', category(rows, 340)],
  ['WC_CD', category(rows, 60)],
  ['GROUP', category(rows, 30)],
  ['INSIDE_FLAG', category(rows, 2, (code) => ['사내', '외주'][code - 1]!)],
  ['BP_CD', category(rows, 500)],
  ['MFG_LT', category(rows, 40, (code) => String(code))],
  ['RUN_TIME_QTY', texts(rows, ['', '1.0000', '0'], () => (next() < 0.0001 ? 2 : 1))],
  ...['SETUP', 'RUN', 'QUEUE', 'WAIT', 'MOVE', 'ACT_SETUP', 'ACT_RUN'].map((name): [string, Column] => [name, minutes(3000)]),
])
const features: Feature[] = [
  ...cardinalities.map((_, at): Feature => ({ kind: 'category', column: `C${at}` })),
  ...sizes.map(
    (column, at): Feature => ({ kind: 'number', column, unit: 'mm', unknown: [0, 9999], ...(at < 4 && { unitColumn: `${column}_UNIT` }) }),
  ),
]
const time = (column: string) => ({ column, unit: 'min' as const })
const mapping: Mapping = {
  name: 'speed',
  items: { table: 'items', key: 'ITEM_CD', family: 'C0', title: 'C4' },
  features,
  routings: {
    form: 'rows',
    table: 'routings',
    item: 'ITEM_CD',
    routing: 'ROUT_NO',
    sequence: 'PROC_SEQ',
    operation: 'JOB_CD',
    operationName: 'JOB_NM',
    processGroup: 'GROUP',
    workCentre: 'WC_CD',
    resource: 'RES_CD',
    resourceName: 'RES_DIS',
    inside: { column: 'INSIDE_FLAG', inside: ['사내'] },
    partner: 'BP_CD',
    leadTimeDays: 'MFG_LT',
    setup: time('SETUP'),
    run: { ...time('RUN'), per: 'RUN_TIME_QTY' },
    queue: time('QUEUE'),
    wait: time('WAIT'),
    move: time('MOVE'),
    actualSetup: time('ACT_SETUP'),
    actualRun: { ...time('ACT_RUN'), per: 'RUN_TIME_QTY' },
  },
}
const frames: Record<string, Frame> = {
  items: { rows: items, columns: itemColumns },
  routings: { rows, columns: routingColumns },
}
const source: Source = {
  kind: 'memory',
  path: '',
  tables: async () =>
    Object.entries(frames).map(([name, frame]) => ({
      name,
      rows: frame.rows,
      columns: [...frame.columns.keys()].map((column) => ({ name: column, type: 'text' as const })),
    })),
  readRows: () => {
    throw new Error('columns only')
  },
  readColumns: async (table) => frames[table]!,
  close: async () => {},
}

const megabytes = () => Math.round(process.memoryUsage().rss / 2 ** 20)
console.log(
  `${items} items of ${itemColumns.size} columns, ${rows} routing rows of ${routingColumns.size} columns, ${megabytes()} MB before`,
)
for (const grouping of ['variants', 'history'] as const) {
  const routings = { ...mapping.routings, grouping } as Mapping['routings']
  for (let repeat = 0; repeat < repeats; repeat++) {
    const started = performance.now()
    const cpu = process.cpuUsage()
    let mark = started
    const parts: string[] = []
    const { plant } = await extract(
      source,
      { ...mapping, routings },
      {
        onProgress: ({ section, stage }) => {
          parts.push(`${section} ${stage} ${Math.round(performance.now() - mark)}`)
          mark = performance.now()
        },
      },
    )
    const seconds = (performance.now() - started) / 1000
    const cpuSeconds = process.cpuUsage(cpu).user / 1e6
    console.log(
      `${grouping}: ${seconds.toFixed(2)} s, processor ${cpuSeconds.toFixed(2)} s (${parts.join(', ')} ms); ${plant.routings.count} routings, ${plant.steps.count} steps, ${megabytes()} MB`,
    )
  }
}
