/** Rows of the three tables, cells in the order of columns.ts. */
import { dayText, openEnd } from './calendar'
import { type Cell, itemColumns } from './columns'
import type { SampleItem } from './plant'
import { textHash } from './random'
import type { Report } from './report'
import type { Routing } from './routing'
import { standardRoutingOf } from './rules'
import type { Step } from './step'

export const itemRow = (item: SampleItem): Cell[] => itemColumns.map((column) => item.attributes[column])

const programmed: ReadonlySet<string> = new Set(['CNC', 'VTL', 'MTM', 'MCT'])
const writers = [
  ['N0012', '김선반'],
  ['N0017', '이황삭'],
  ['N0023', '박정삭'],
  ['N0031', '최밀링'],
] as const
const reviewer = ['N0003', '정검토'] as const

/** Machine program columns: NC_PROGRAM … NC_REVIEW_DT. */
function programCells(item: SampleItem, routing: Routing, step: Step): Cell[] {
  const hash = textHash(`${item.key}${step.operation.code}`)
  if (step.partner || !programmed.has(step.operation.pool) || hash % 10 >= 7) return [null, null, null, null, null, null, null]
  const writer = writers[(hash >>> 8) & 3]
  const reviewed = ((hash >>> 12) & 3) !== 0
  return [
    `O${String((hash >>> 16) % 10_000).padStart(4, '0')}`,
    writer[0],
    writer[1],
    dayText(routing.day + 3),
    reviewed ? reviewer[0] : null,
    reviewed ? reviewer[1] : null,
    reviewed ? dayText(routing.day + 9) : null,
  ]
}

function orderOf(at: number, count: number): 'F' | 'I' | 'L' {
  if (at === count - 1) return 'L'
  return at === 0 ? 'F' : 'I'
}

/** Half of the rows repeat the leading blank of their item's key, half do not. */
const writtenKey = (item: SampleItem): Cell => (item.index % 2 === 0 ? item.attributes.ITEM_CD : item.key)

/** The rows of one routing, PROC_SEQ by tens. */
export function routingRows(item: SampleItem, routing: Routing): Cell[][] {
  const { view, attributes } = item
  const standard = standardRoutingOf(view)
  const rawSize = Math.ceil((view.sizeMm + 3) / 5) * 5
  return routing.steps.map((step, at) => {
    const { operation, partner } = step
    const last = at === routing.steps.length - 1
    return [
      String(routing.number),
      writtenKey(item),
      attributes.ITEM_NM,
      (at + 1) * 10,
      dayText(routing.day),
      partner ? '외주' : '사내',
      operation.code,
      operation.name,
      step.resource.code,
      step.resource.name,
      'M',
      step.leadDays,
      step.queue,
      step.setup,
      step.run,
      step.wait,
      step.move,
      step.actualSetup,
      step.actualRun,
      step.workedHours,
      1,
      'NA',
      operation.batch ? 'B' : '',
      partner?.code ?? '',
      partner?.name ?? null,
      partner ? 'KRW' : '',
      step.price,
      partner ? 'A' : '',
      operation.milestone || last ? 'Y' : 'N',
      operation.inspection ? 'Y' : 'N',
      orderOf(at, routing.steps.length),
      dayText(routing.day),
      routing.closedDay === null ? openEnd : dayText(routing.closedDay),
      at === 0 && standard !== null ? standard : '',
      null,
      ...programCells(item, routing, step),
      operation.code === 'A00-1' ? `Φ${rawSize}` : null,
      programmed.has(operation.pool) && !partner ? `Φ${rawSize - 5}` : null,
      null,
      null,
      operation.cutting ? attributes.DRAW_NO : null,
      null,
      null,
    ]
  })
}

export const resultRow = (item: SampleItem, report: Report): Cell[] => [
  item.key,
  report.sequence,
  report.step.resource.code,
  report.step.resource.name,
  report.step.operation.code,
  report.step.operation.name,
  dayText(report.day),
  report.workedHours,
  report.setupHours,
  report.quantity,
  report.bad,
  String(report.routing),
]
