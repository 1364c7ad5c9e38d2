/** Which columns of which tables a mapping reads, and where in the mapping each is named. */
import type { Static } from '@sinclair/typebox'
import type { BatchFlag, ColumnOrValue, InsideFlag, Mapping, TimeColumn } from '../../contract/mapping'
import { aliasOf, placeOf, type TableSpec } from './column-ref'

export interface ColumnUse {
  /** null: the section's own table. */
  alias: string | null
  column: string
  /** JSON pointer into the mapping. */
  path: string
  /** Named by the mapping, and so it must be there, but nothing is made of it yet. */
  unread?: true
}

export interface SectionUse {
  name: 'items' | 'routings' | 'results'
  spec: TableSpec
  columns: ColumnUse[]
}

type Reference = ColumnOrValue | TimeColumn | Static<typeof InsideFlag> | Static<typeof BatchFlag> | undefined

/** The sections in the order they are read; each lists what it needs, some columns more than once. */
export function sectionUses(mapping: Mapping): SectionUse[] {
  const { items, features, routings, results } = mapping
  const uses: SectionUse[] = [
    section('items', items, { key: items.key, title: items.title, family: items.family }, [
      ...features.flatMap((feature, at) => [
        { ref: feature.column, path: `/features/${at}/column` },
        ...(feature.kind === 'number' && feature.unitColumn !== undefined
          ? [{ ref: feature.unitColumn, path: `/features/${at}/unitColumn` }]
          : []),
      ]),
      ...(readsItemRows(mapping) && routings.form === 'list' ? [{ ref: routings.column, path: '/routings/column' }] : []),
    ]),
  ]
  if (!readsItemRows(mapping)) uses.push(routingUse(routings))
  if (results !== undefined) {
    const { item, routing, sequence, operation, resource, run, setup, hold, reportedAt } = results
    const named = { item, routing, sequence, operation, resource, run, setup, hold }
    uses.push(withUnread(section('results', results, named), { reportedAt }))
  }
  return uses
}

/** Whether the routings stand in the items' own rows. */
export function readsItemRows({ routings }: Mapping): boolean {
  return routings.form === 'list' && routings.item === undefined
}

function routingUse(routings: Mapping['routings']): SectionUse {
  if (routings.form === 'list') return section('routings', routings, { item: routings.item, column: routings.column })
  const { form, table, where, explode, joins, grouping, validFrom, validTo, ...named } = routings
  return withUnread(section('routings', routings, named), { validFrom, validTo })
}

function withUnread(use: SectionUse, named: Record<string, string | undefined>): SectionUse {
  const unread = Object.entries(named).flatMap(([key, ref]) =>
    ref === undefined ? [] : [{ ...placeOf(ref, use.spec.joins), path: `/${use.name}/${key}`, unread: true as const }],
  )
  return { ...use, columns: [...use.columns, ...unread] }
}

function section(
  name: SectionUse['name'],
  spec: TableSpec,
  named: Record<string, Reference>,
  more: { ref: string; path: string }[] = [],
): SectionUse {
  const references = [...rowReferences(name, spec), ...more]
  for (const [key, reference] of Object.entries(named)) {
    references.push(...referencesIn(reference, `/${name}/${key}`))
  }
  const columns = references.map(({ ref, path }) => ({ ...placeOf(ref, spec.joins), path }))
  for (const [at, join] of (spec.joins ?? []).entries()) {
    for (const [key, { right }] of join.on.entries()) {
      columns.push({ alias: aliasOf(join), column: right, path: `/${name}/joins/${at}/on/${key}/right` })
    }
  }
  return { name, spec, columns }
}

function referencesIn(reference: Reference, path: string): { ref: string; path: string }[] {
  if (typeof reference === 'string') return [{ ref: reference, path }]
  if (reference === undefined || !('column' in reference)) return []
  const found: { ref: unknown; path: string }[] = [{ ref: reference.column, path: `${path}/column` }]
  if ('unit' in reference) {
    const { unitBy, per, perBy } = reference
    found.push(
      { ref: unitBy?.column, path: `${path}/unitBy/column` },
      { ref: per, path: `${path}/per` },
      { ref: perBy?.column, path: `${path}/perBy/column` },
    )
    for (const [text, ref] of Object.entries(perBy?.quantities ?? {}))
      found.push({ ref, path: `${path}/perBy/quantities/${pointerPart(text)}` })
  }
  return found.filter((one): one is { ref: string; path: string } => typeof one.ref === 'string')
}

/** RFC 6901: `~` and `/` inside a part are escaped. */
function pointerPart(text: string): string {
  return text.replaceAll('~', '~0').replaceAll('/', '~1')
}

function rowReferences(name: string, { where, explode, joins }: TableSpec): { ref: string; path: string }[] {
  return [
    ...(where ?? []).map((filter, at) => ({ ref: filter.column, path: `/${name}/where/${at}/column` })),
    ...(explode === undefined ? [] : [{ ref: explode.column, path: `/${name}/explode/column` }]),
    ...(joins ?? []).flatMap((join, at) => join.on.map(({ left }, key) => ({ ref: left, path: `/${name}/joins/${at}/on/${key}/left` }))),
  ]
}
