/**
 * The plant's data, as a mapping reads it from a source. Every row of the items', routings' and results' tables is accounted
 * for: used, left out under exactly one bad rule, or filtered by the mapping.
 *
 * Rows that are no step (no operation, a wrong sequence number, an unknown item) are left out; wrong values in a good row are
 * missing and noted. A work report that fits no step counts as used and is noted as `result_unmatched`.
 */
import type { Mapping, RowRoutings } from '../contract/mapping'
import { DomainError } from '../domain/error'
import { readsItemRows, sectionUses } from '../domain/extract/column-use'
import { historyRoutings } from '../domain/extract/history'
import { type ItemTable, itemTable } from '../domain/extract/items'
import { listRoutings, ownListRoutings } from '../domain/extract/list-routings'
import { type RoutingTable, variantRoutings } from '../domain/extract/routing-table'
import { rowGroups } from '../domain/extract/row-groups'
import { stepColumns } from '../domain/extract/step-columns'
import { withKnownTables } from '../domain/extract/table-names'
import { withWorkResults } from '../domain/extract/work-results'
import type { Extraction, Finding, RowAccount } from '../domain/plant'
import type { Source } from '../source/source'
import { checkSections, readSection, type Section } from './extract/section'

export interface ExtractProgress {
  section: 'items' | 'routings' | 'results'
  table: string
  /** `read`: the table is in memory; `done`: its rows are items, steps or results. */
  stage: 'read' | 'done'
  rows: number
}
export interface ExtractOptions {
  onProgress?: (progress: ExtractProgress) => void
}

const badRowShareMaxDefault = 0.05

/**
 * Reads and checks a plant's data. Throws `table_unknown`, `column_unknown` (details point into the mapping), `data_refused`
 * (too many bad rows in a table; the findings are the details), `data_empty`, `mapping_invalid`, and what the source throws.
 */
export async function extract(source: Source, given: Mapping, { onProgress = () => {} }: ExtractOptions = {}): Promise<Extraction> {
  const tables = await (source.outline?.() ?? source.tables())
  const mapping = withKnownTables(
    given,
    tables.map(({ name }) => name),
  )
  if (readsItemRows(mapping) && mapping.routings.table !== mapping.items.table) {
    throw new DomainError('mapping_invalid', 'Routings of another table need the column of their item', {
      details: [{ path: '/routings/item', message: 'missing, and the table is not that of the items' }],
    })
  }
  const uses = sectionUses(mapping)
  checkSections(uses, tables)
  const findings: Finding[] = []
  const accounts: RowAccount[] = []
  let items: ItemTable | null = null
  let table: RoutingTable | null = null
  for (const use of uses) {
    const section = await readSection(source, use)
    onProgress({ section: use.name, table: use.spec.table, stage: 'read', rows: section.view.count })
    let filtered = 0
    if (use.name === 'items') {
      items = itemTable(section.view, mapping, section.findings)
      if (mapping.routings.form === 'list' && readsItemRows(mapping)) {
        table = ownListRoutings(section.view, mapping.routings, items, section.findings)
      }
    } else if (use.name === 'routings') ({ table, filtered } = routingsOf(section, mapping, items!))
    else ({ table, filtered } = withWorkResults(section.view, reportsOf(mapping), items!, table!, section.findings))
    findings.push(...section.findings.list(), ...section.joinedFindings)
    const account = accountOf(section, filtered)
    refuse(account, section.findings.list(), mapping.badRowShareMax ?? badRowShareMaxDefault)
    accounts.push(account)
    onProgress({ section: use.name, table: use.spec.table, stage: 'done', rows: account.used })
  }
  if (items!.items.count === 0) throw new DomainError('data_empty', `The table ${mapping.items.table} has no items`)
  if (table!.routings.count === 0) throw new DomainError('data_empty', `The table ${mapping.routings.table} has no routings of these items`)
  const { routings, steps, results } = table!
  return { plant: { items: items!.items, routings, steps, results }, findings, accounts }
}

function routingsOf({ view, findings }: Section, { routings }: Mapping, items: ItemTable): { table: RoutingTable; filtered: number } {
  if (routings.form === 'list') return listRoutings(view, routings, items, findings)
  const groups = rowGroups(view, routings, items, findings)
  const steps = stepColumns(view, routings, groups, findings)
  const routed = routings.grouping === 'history' ? historyRoutings : variantRoutings
  return { table: routed(groups, steps, items.items.count), filtered: groups.filtered }
}

/** Reports are joined by what the routings know: numbers that extraction gave itself mean nothing to a report. */
function reportsOf({ results, routings }: Mapping): NonNullable<Mapping['results']> {
  const known: Partial<RowRoutings> = routings.form === 'rows' ? routings : {}
  return {
    ...results!,
    routing: known.routing === undefined ? undefined : results!.routing,
    sequence: known.sequence === undefined ? undefined : results!.sequence,
  }
}

function accountOf({ view, findings }: Section, filteredItems: number): RowAccount {
  const bad = findings.bad()
  const filtered = view.filtered + filteredItems
  const read = view.read + findings.malformed()
  return { table: view.table, read, used: read - filtered - bad, filtered, bad }
}

/** Rows that the mapping filters say nothing about the quality of the rest. */
function refuse({ table, read, filtered, bad }: RowAccount, findings: readonly Finding[], shareMax: number): void {
  if (bad <= (read - filtered) * shareMax) return
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`
  const message = `${bad} of ${read - filtered} rows of ${table} are bad (${percent(bad / (read - filtered))}), more than ${percent(shareMax)}`
  throw new DomainError('data_refused', message, {
    details: findings
      .filter(({ severity }) => severity === 'bad')
      .map(({ rule, column, count, examples }) => ({
        path: column === null ? table : `${table}.${column}`,
        message: `${rule}: ${count} rows, for example ${examples
          .slice(0, 3)
          .map(({ row, value }) => `row ${row}${value === '' ? '' : ` (${value})`}`)
          .join(', ')}`,
      })),
  })
}
