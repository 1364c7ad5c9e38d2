/** Which table holds the routings, and which of its columns are what. */
import type { ListRoutings, RowRoutings, TimeColumn, TimeUnit, WorkResults } from '../../contract/mapping'
import { bestColumn, type GuessColumn, type GuessTable, isDate, isNumeric, sequenceForm } from './evidence'
import { nameScore, type Role } from './vocabulary'

/** Lists of more different entries than this are no lists of operations. */
const operationsMax = 500
const timeUnits: Record<string, TimeUnit> = { s: 's', min: 'min', h: 'h', day: 'day' }

/** Strength of a table as rows of routings; 0 when it names no item or no operation. */
export function rowRoutingScore(table: GuessTable): number {
  const item = bestColumn(table, 'item')
  const operation = operationColumn(table)
  if (!item || !operation || table.rows === 0 || item.distinct >= table.rows) return 0
  const sequence = sequenceColumn(table)
  const times = (['setup', 'run', 'queue', 'actualRun'] as const).filter((role) => timeColumn(table, role)).length
  const named = /rout|oper|공정|라우팅|plan/i.test(table.name) ? 1 : 0
  return (
    nameScore('item', item.name, table.name) + nameScore('operation', operation.name, table.name) + (sequence ? 3 : 0) + times / 2 + named
  )
}

/** Strength of a table as work results: reports with a date or a quantity of what was done. */
export function resultScore(table: GuessTable): number {
  if (!bestColumn(table, 'item') || !operationColumn(table)) return 0
  const run = timeColumn(table, 'actualRun') ?? timeColumn(table, 'run')
  const dated = bestColumn(table, 'reportedAt', isDate)
  if (!run || !dated) return 0
  return 1 + (/result|report|실적/i.test(table.name) ? 2 : 0)
}

function sequenceColumn(table: GuessTable): GuessColumn | null {
  return bestColumn(table, 'sequence', (column) => isNumeric(column) && sequenceForm(column) !== null)
}

/** The operation: by its name; without one, what the routing is a list of: the work centre or the resource. */
function operationColumn(table: GuessTable): GuessColumn | null {
  const sequence = sequenceColumn(table)
  const few = (column: GuessColumn) => column !== sequence && column.distinct < Math.max(2, table.rows / 2) && !isDate(column)
  return (
    bestColumn(table, 'operation', few) ??
    bestColumn(table, 'operationName', few) ??
    (sequence ? (bestColumn(table, 'workCentre', few) ?? bestColumn(table, 'resource', few)) : null)
  )
}

function timeColumn(table: GuessTable, role: Role): GuessColumn | null {
  return bestColumn(
    table,
    role,
    (column) => isNumeric(column) && (role === 'run' ? nameScore('actualRun', column.name, table.name) < 2 : true),
  )
}

/** Unit of a time: in the column's own name, else in the table's time-unit column, else minutes. */
function timeUnit(table: GuessTable, column: GuessColumn, reasons: string[]): TimeUnit {
  const named = column.units.map((unit) => timeUnits[unit]).find(Boolean) ?? (/hours?$|hrs?$/i.test(column.name) ? 'h' : undefined)
  if (named) {
    reasons.push(`${column.name} is in ${named}: its name says so`)
    return named
  }
  const units = bestColumn(table, 'timeUnit')
  const value = units?.top[0]?.value.toLowerCase() ?? ''
  const stated: TimeUnit | undefined = timeUnits[value] ?? ({ m: 'min', h: 'h', s: 's', d: 'day' } as Record<string, TimeUnit>)[value]
  if (stated) {
    reasons.push(`${column.name} is in ${stated}: most rows of ${units!.name} say ${units!.top[0].value}`)
    return stated
  }
  reasons.push(`${column.name} is taken for minutes: nothing states another unit, please check`)
  return 'min'
}

function timeOf(table: GuessTable, role: Role, reasons: string[], per: GuessColumn | null = null): TimeColumn | undefined {
  const column = timeColumn(table, role)
  if (!column) return undefined
  const unit = timeUnit(table, column, reasons)
  return per ? { column: column.name, unit, per: per.name } : { column: column.name, unit }
}

/** Columns of the rows form. `item` is the column that joins to the items. */
export function rowRoutings(table: GuessTable, item: GuessColumn, reasons: string[]): RowRoutings {
  const operation = operationColumn(table)!
  const sequence = sequenceColumn(table)
  const routing = bestColumn(table, 'routing', (column) => column !== item && column !== sequence)
  const others = new Set([item, operation, sequence, routing])
  const pick = (role: Role) => bestColumn(table, role, (column) => !others.has(column))?.name
  reasons.push(`${table.name}.${operation.name} is the operation: ${operation.distinct} different ones in ${table.rows} rows`)
  if (sequence) {
    const form = sequenceForm(sequence) === 'tens' ? 'go by tens' : 'count from 1'
    reasons.push(`${table.name}.${sequence.name} is the sequence: its values ${form}`)
  }
  const section: RowRoutings = { form: 'rows', table: table.name, item: item.name, operation: operation.name }
  if (routing) {
    section.routing = routing.name
    // A dozen routings of one item on average are no variants but orders.
    const perItem = routing.distinct / Math.max(1, item.distinct)
    section.grouping = perItem > 5 ? 'history' : 'variants'
    reasons.push(
      `${table.name}.${routing.name} is the routing number, ${section.grouping === 'history' ? `taken for orders: ${Math.round(perItem)} numbers for one item` : 'taken for variants'}`,
    )
  }
  if (sequence) section.sequence = sequence.name
  const per = bestColumn(table, 'quantity', isNumeric)
  const assigned: Partial<RowRoutings> = {
    operationName: nameScore('operationName', operation.name, table.name) >= 2 ? undefined : pick('operationName'),
    processGroup: pick('processGroup'),
    workCentre: pick('workCentre'),
    resource: pick('resource'),
    resourceName: pick('resourceName'),
    inside: insideFlag(table, reasons),
    batch: batchFlag(table, reasons),
    partner: pick('partner'),
    leadTimeDays: timeColumn(table, 'leadTimeDays')?.name,
    setup: timeOf(table, 'setup', reasons),
    run: timeOf(table, 'run', reasons, per && nameScore('quantity', per.name, table.name) > 2.5 ? per : null),
    queue: timeOf(table, 'queue', reasons),
    wait: timeOf(table, 'wait', reasons),
    move: timeOf(table, 'move', reasons),
    actualSetup: timeOf(table, 'actualSetup', reasons),
    actualRun: timeOf(table, 'actualRun', reasons),
    validFrom: bestColumn(table, 'validFrom', isDate)?.name,
    validTo: bestColumn(table, 'validTo', isDate)?.name,
  }
  return Object.assign(section, withoutUndefined(assigned))
}

function insideFlag(table: GuessTable, reasons: string[]): RowRoutings['inside'] {
  const column = bestColumn(table, 'inside', (found) => found.distinct <= 6)
  if (!column) return undefined
  const inside = column.values.filter((value) => /^(사내|내작|자작|y|yes|1|true|in|inside|in-?house|make)$/i.test(value))
  if (inside.length === 0) return undefined
  reasons.push(`${table.name}.${column.name} says who performs a step: ${inside.join(', ')} means in-house`)
  return { column: column.name, inside }
}

function batchFlag(table: GuessTable, reasons: string[]): RowRoutings['batch'] {
  const column = bestColumn(table, 'batch', (found) => found.distinct <= 4)
  const batch = column?.values.filter((value) => /^(b|y|yes|1|true|batch|배치)$/i.test(value)) ?? []
  if (!column || batch.length === 0) return undefined
  reasons.push(`${table.name}.${column.name} marks the steps that run once for a whole lot: ${batch.join(', ')}`)
  return { column: column.name, batch }
}

/** Columns of the work results. */
export function workResults(table: GuessTable, reasons: string[]): WorkResults {
  const operation = operationColumn(table)!
  const item = bestColumn(table, 'item')!
  const per = bestColumn(table, 'quantity', isNumeric) ?? null
  reasons.push(`${table.name} holds work results: reports with a date and times of work done${per ? `, for ${per.name} pieces` : ''}`)
  const section: WorkResults = { table: table.name, item: item.name, operation: operation.name }
  const routing = bestColumn(table, 'routing')
  return Object.assign(
    section,
    withoutUndefined<Partial<WorkResults>>({
      routing: routing && nameScore('routing', routing.name, table.name) > 2.5 ? routing.name : undefined,
      sequence: sequenceColumn(table)?.name,
      resource: bestColumn(table, 'resource', (column) => column !== operation)?.name,
      run: timeOf(table, timeColumn(table, 'actualRun') ? 'actualRun' : 'run', reasons, per),
      setup: timeOf(table, timeColumn(table, 'actualSetup') ? 'actualSetup' : 'setup', reasons),
      hold: timeOf(table, 'hold', reasons),
      reportedAt: bestColumn(table, 'reportedAt', isDate)?.name,
    }),
  )
}

/** A column whose cells are lists of a few different steps: JSON lists, or texts cut by one separator. */
export function listRoutings(table: GuessTable): { routings: ListRoutings; column: GuessColumn; steps: number } | null {
  for (const column of table.columns) {
    const named = /rout|process|chain|oper|step|공정|라우팅|plan|signature/i.test(column.name)
    if (column.type === 'json') {
      const steps = new Set(column.values.slice(0, 2_000).flatMap(jsonSteps))
      if (steps.size > 1 && steps.size <= operationsMax && steps.size < table.rows && named) {
        return { routings: { form: 'list', table: table.name, column: column.name }, column, steps: steps.size }
      }
    }
    if (column.type !== 'text' || !named) continue
    for (const separator of ['+', '>', '→', '|', ';', ',', '-']) {
      const parts = column.values.slice(0, 2_000).map((value) => value.split(separator).map((part) => part.trim()))
      const steps = new Set(parts.flat())
      const long = parts.filter((part) => part.length > 1).length
      if (parts.length > 1 && long > parts.length * 0.7 && steps.size < table.rows && steps.size <= operationsMax) {
        return { routings: { form: 'list', table: table.name, column: column.name, separator }, column, steps: steps.size }
      }
    }
  }
  return null
}

/** The texts in a JSON list or a list of lists; none when it holds anything else. */
function jsonSteps(text: string): string[] {
  const value: unknown = JSON.parse(text)
  if (!Array.isArray(value)) return []
  const steps = value.flat()
  return steps.every((step) => typeof step === 'string') ? (steps as string[]) : []
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as T
}
