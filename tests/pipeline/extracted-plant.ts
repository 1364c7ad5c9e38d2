/** A small plant in memory, its mapping, and how what came out of it reads. */
import { expect } from 'bun:test'
import type { Mapping, RowRoutings } from '../../server/contract/mapping'
import { DomainError } from '../../server/domain/error'
import type { Extraction, Plant } from '../../server/domain/plant'
import { extract } from '../../server/pipeline/extract'
import { type MemoryTable, memorySource, type Rows } from './memory-source'

export const parts: Rows = [
  { code: '  A ', od: 92.9, unit: 'MM', material: '316' },
  { code: 'B', od: 3.5, unit: 'inch', material: 'nan' },
  { code: 'C', od: 0, unit: null, material: '304' },
]
export const routes: Rows = [
  { part: 'B', rout: '10', seq: '10', job: 'X', res: 'R1', setup: '30', run: '2', qty: '4' },
  { part: 'A', rout: '2', seq: '20', job: 'Y', res: 'R2', setup: '0', run: '1.5', qty: '1' },
  { part: 'A', rout: '2', seq: '10', job: 'X', res: 'R1', setup: '5', run: '3', qty: '1' },
  { part: 'A ', rout: '1', seq: '10', job: 'X', res: 'R2', setup: '6', run: '4', qty: '2' },
]
export const mapping: Mapping = {
  name: 'test',
  items: { table: 'parts', key: 'code' },
  features: [
    { kind: 'number', column: 'od', unit: 'mm', unitColumn: 'unit', unknown: [0] },
    { kind: 'category', column: 'material' },
  ],
  routings: {
    form: 'rows',
    table: 'routes',
    item: 'part',
    routing: 'rout',
    sequence: 'seq',
    operation: 'job',
    resource: 'res',
    setup: { column: 'setup', unit: 'min' },
    run: { column: 'run', unit: 'min', per: 'qty' },
  },
  badRowShareMax: 1,
}
export const rowsMapping = (more: Partial<RowRoutings>): Mapping => ({
  ...mapping,
  routings: { ...(mapping.routings as RowRoutings), ...more },
})
export const run = (tables: Record<string, Rows | MemoryTable> = {}, changed: Mapping = mapping) =>
  extract(memorySource({ parts, routes, ...tables }), changed)

/** Routings as text: `item/label×orders: operation@resource …`. */
export function routingsOf({ items, routings, steps }: Plant): string[] {
  return Array.from(routings.label, (label, routing) => {
    const range = Array.from(
      { length: routings.stepOffsets[routing + 1] - routings.stepOffsets[routing] },
      (_, step) => routings.stepOffsets[routing] + step,
    )
    const text = range.map((step) => {
      const resource = steps.resource.dictionary[steps.resource.codes[step]]
      return `${steps.sequence[step]}:${steps.operation.dictionary[steps.operation.codes[step]]}${resource === '' ? '' : `@${resource}`}`
    })
    return `${items.keys[routings.item[routing]]}/${label}×${routings.orders[routing]} ${text.join(' ')}`
  })
}
export const feature = ({ items }: Plant, name: string) => {
  const { column } = items.features.find((found) => found.name === name)!
  return column.kind === 'number' ? Array.from(column.values) : Array.from(column.codes, (code) => column.dictionary[code])
}
export const found = ({ findings }: Extraction, rule: string) => findings.find((finding) => finding.rule === rule)
export const account = ({ accounts }: Extraction, table: string) => accounts.find((one) => one.table === table)!

export function expectAccountsToAddUp({ accounts, plant }: Extraction): void {
  for (const { read, used, filtered, bad } of accounts) expect(used + filtered + bad).toBe(read)
  expect(plant.routings.itemOffsets.at(-1)).toBe(plant.routings.count)
  expect(plant.routings.stepOffsets.at(-1)).toBe(plant.steps.count)
}

export async function problemOf(act: Promise<unknown>): Promise<DomainError> {
  const error = await act.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  if (error instanceof DomainError) return error
  throw new Error('no problem was thrown', { cause: error })
}
