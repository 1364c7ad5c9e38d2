/** From an item's attributes to the plant's standard routing: the first rule that fires and whose steps the version knows. */
import type { Feature } from '../contract/mapping'
import type { RuleRecord, StandardRoutingRule } from '../contract/standard-routing'
import { type Knowledge, signatureOperations } from './knowledge'
import { askRule, type CompiledRule, compileRules, type RuleAnswer, type RuleValues, type SilentRule } from './standard-routing'

/** The rules of one version. */
export interface StandardRules {
  rules: CompiledRule[]
  /** Operation as the plant writes it → operation code number. */
  operations: ReadonlyMap<string, number>
  /** Rows of the pseudo-items that hold templates: they were never made. */
  templates: ReadonlySet<number>
}

export interface StandardProposal {
  rule: CompiledRule
  code: string
  operations: Uint32Array
  /** See `RuleAnswer`. */
  assumed: string[]
  /** Row of the template's routing and of its item; −1 where the steps are the rule's own. */
  routing: number
  item: number
}

export interface StandardFinding {
  proposal: StandardProposal | null
  /** Without a proposal: the first rule that is for such an item but lacks attributes. */
  silent: SilentRule | null
}

export const noStandardRules: StandardRules = { rules: [], operations: new Map(), templates: new Set() }

/** Compiles the rules for the operations of a version. @throws SyntaxError for rules that `mapping-check` did not pass */
export function standardRules(
  rules: readonly StandardRoutingRule[] | undefined,
  features: readonly Feature[],
  { operations }: Pick<Knowledge, 'operations'>,
): StandardRules {
  if (rules === undefined || rules.length === 0) return noStandardRules
  return {
    rules: compileRules(rules, features),
    operations: new Map(operations.code.map((code, index) => [code, index])),
    templates: new Set(),
  }
}

/**
 * @param values attribute name → parsed value
 * @param isOut rows of items that must not be used, as templates neither
 */
export function findStandardRouting(
  knowledge: Knowledge,
  { rules, operations }: StandardRules,
  values: RuleValues,
  isOut: (row: number) => boolean = () => false,
): StandardFinding {
  let silent: SilentRule | null = null
  for (const rule of rules) {
    const answer = askRule(rule, values)
    if (answer === null) continue
    if ('missing' in answer) {
      silent ??= answer
      continue
    }
    const proposal = (rule.template ? fromTemplate(knowledge, answer, isOut) : null) ?? fromSteps(operations, answer)
    if (proposal !== null) return { proposal, silent: null }
  }
  return { proposal: null, silent }
}

/** The template is the item whose key is the code; its first routing counts. */
function fromTemplate(knowledge: Knowledge, { rule, code, assumed }: RuleAnswer, isOut: (row: number) => boolean): StandardProposal | null {
  const { items, routings } = knowledge
  const item = items.find(code)
  if (item < 0 || items.routingOffsets[item] === items.routingOffsets[item + 1] || isOut(item)) return null
  const routing = items.routingOffsets[item]
  const operations = signatureOperations(knowledge, routings.signature[routing])
  return operations.length === 0 ? null : { rule, code, assumed, operations, routing, item }
}

/** Steps that the plant never ran cannot be drafted: they have no resource and no time. */
function fromSteps(known: ReadonlyMap<string, number>, { rule, code, steps, assumed }: RuleAnswer): StandardProposal | null {
  if (steps === null || steps.some((operation) => !known.has(operation))) return null
  return { rule, code, assumed, operations: Uint32Array.from(steps, (operation) => known.get(operation)!), routing: -1, item: -1 }
}

/**
 * Share of the items on which the rule was right when it had as much to assume as now, with one more right and one more wrong:
 * .5 for a rule that was never tried so.
 */
export function ruleConfidence(records: RuleRecords | undefined, { rule, assumed }: Pick<StandardProposal, 'rule' | 'assumed'>): number {
  const { asked, right } = assumingRecord(recordOf(records, rule.id), assumed.length)
  return (right + 1) / (asked + 2)
}

export type RuleRecords = Record<string, RuleRecord>

export const recordOf = (records: RuleRecords | undefined, rule: string): RuleRecord =>
  records !== undefined && Object.hasOwn(records, rule) ? records[rule] : { asked: 0, right: 0, assuming: [] }

/** The tries with so many unknown attributes; the last row is for more as well. */
export const assumingRecord = ({ assuming }: RuleRecord, count: number): { asked: number; right: number } =>
  assuming[Math.min(count, ASSUMED_MAX)] ?? { asked: 0, right: 0 }

/** Unknown attributes beyond which no difference is made. */
export const ASSUMED_MAX = 6
