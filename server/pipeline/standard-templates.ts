/** The rules of a version when it is opened, and the pseudo-items that hold their templates. */
import type { Mapping } from '../contract/mapping'
import type { Knowledge } from '../domain/knowledge'
import { findStandardRouting, type StandardRules, standardRules } from '../domain/standard-proposal'
import { lowerBound } from './knowledge-files'

/** Items looked at by the beginning of their keys; one of them costs some 20 µs. */
const LOOKED_AT_MAX = 20_000

/** @throws SyntaxError for rules that `mapping-check` did not pass */
export function openStandardRules({ standardRoutings, features }: Mapping, knowledge: Knowledge): StandardRules {
  const rules = standardRules(standardRoutings, features, knowledge)
  return { ...rules, templates: findTemplates(knowledge, rules, standardRoutings ?? []) }
}

/** A template is an item whose own attributes lead a rule to its own key. Codes that begin with a value cannot be looked up so. */
function findTemplates(knowledge: Knowledge, rules: StandardRules, written: NonNullable<Mapping['standardRoutings']>): Set<number> {
  const { key, keyOrder, features } = knowledge.items
  const known = new Map(features.map((feature) => [feature.name, feature]))
  const beginnings = new Set(
    written.flatMap(({ template, code: [first] }) => (template && typeof first === 'string' && first !== '' ? [first] : [])),
  )
  const templates = new Set<number>()
  let looked = 0
  for (const beginning of beginnings) {
    for (let at = lowerBound(key, keyOrder, beginning); at < keyOrder.length && looked < LOOKED_AT_MAX; at++, looked++) {
      const row = keyOrder[at]
      if (!key(row).startsWith(beginning)) break
      const { proposal } = findStandardRouting(knowledge, rules, { get: (name) => known.get(name)?.value(row) })
      if (proposal?.item === row) templates.add(row)
    }
  }
  return templates
}
