/** What a schema cannot say about a mapping: names that must differ, patterns that must compile, parts that need each other. */
import type { Mapping } from '../contract/mapping'
import type { ProblemDetail } from '../contract/problem'
import { featureName } from './attribute-parser'
import { aliasOf, type TableSpec } from './extract/column-ref'
import { readsItemRows } from './extract/column-use'
import { standardRoutingProblems } from './standard-routing-check'

/** Problems of a mapping that fits the schema; empty when it can be used. Paths are JSON pointers into it. */
export function mappingProblems(mapping: Mapping): ProblemDetail[] {
  const { items, features, routings, results } = mapping
  const problems: ProblemDetail[] = []
  const names = new Map<string, number>()
  for (const [at, feature] of features.entries()) {
    const name = featureName(feature)
    const first = names.get(name)
    if (first !== undefined) {
      problems.push({ path: `/features/${at}/name`, message: `feature ${first} has the same name, ${name}: give one of them another` })
    } else names.set(name, at)
    if (feature.pattern !== undefined && !compiles(feature.pattern)) {
      problems.push({ path: `/features/${at}/pattern`, message: 'is not a regular expression' })
    }
  }
  problems.push(...tableProblems('items', items), ...tableProblems('routings', routings))
  if (results !== undefined) problems.push(...tableProblems('results', results))
  problems.push(...standardRoutingProblems(mapping.standardRoutings ?? [], features))
  if (readsItemRows(mapping)) {
    if (routings.table !== items.table)
      problems.push({ path: '/routings/item', message: 'missing, and the table is not that of the items' })
    for (const key of ['where', 'explode', 'joins'] as const) {
      if (routings[key] !== undefined)
        problems.push({ path: `/routings/${key}`, message: 'without `item` the rows are those of the items: put it there' })
    }
  }
  return problems
}

function compiles(pattern: string): boolean {
  try {
    new RegExp(pattern, 'u')
    return true
  } catch {
    return false
  }
}

function tableProblems(name: string, { where, joins }: TableSpec): ProblemDetail[] {
  const problems: ProblemDetail[] = []
  for (const [at, filter] of (where ?? []).entries()) {
    if (filter.in === undefined && filter.notIn === undefined) {
      problems.push({ path: `/${name}/where/${at}`, message: 'needs `in` or `notIn`' })
    }
  }
  const aliases = new Set<string>()
  for (const [at, join] of (joins ?? []).entries()) {
    const alias = aliasOf(join)
    if (aliases.has(alias)) problems.push({ path: `/${name}/joins/${at}/as`, message: `another join is called ${alias} already` })
    aliases.add(alias)
  }
  return problems
}
