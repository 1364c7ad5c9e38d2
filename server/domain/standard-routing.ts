/**
 * Standard-routing rules at work: compiled once when a version is opened, asked once a query. A rule speaks only of what
 * is known: a needed attribute that is unknown keeps it silent, and the caller learns which one it was.
 */
import type { Feature } from '../contract/mapping'
import {
  type CodePart,
  standardRoutingLimits as limits,
  type RuleCondition,
  type RuleTitle,
  type StandardRoutingRule,
} from '../contract/standard-routing'
import { featureName } from './attribute-parser'
import { cleanText } from './attribute-text'
import type { AttributeInput } from './encoder/block'

/** Attribute name → parsed value; null and undefined are unknown. */
export type RuleValues = Pick<ReadonlyMap<string, AttributeInput>, 'get'>

/** Names of unknown attributes. */
interface Notes {
  /** Those that left something undecided. */
  missing: Set<string>
  /** Those that a condition took as its `known` says. */
  assumed: Set<string>
}
/** null: undecided. */
type Test = (values: RuleValues, notes: Notes) => boolean | null
/** null: undecided; undefined: no case fits. */
type Part = (values: RuleValues, notes: Notes) => string | null | undefined

export interface CompiledRule {
  id: string
  title: RuleTitle | null
  template: boolean
  when: Test
  code: Part[]
  steps: { operation: string; when: Test; code: RegExp | null }[] | null
}

/** A rule that fired. */
export interface RuleAnswer {
  rule: CompiledRule
  code: string
  /** Operation codes of the rule's own list of steps, as the plant writes them; null without a list. Undecided steps keep a rule silent. */
  steps: string[] | null
  /** Unknown attributes that the rule went past: it is surer of an item of which more is known. */
  assumed: string[]
}

/** A rule whose conditions hold, and the attributes without which it cannot say more. */
export interface SilentRule {
  rule: CompiledRule
  missing: string[]
}

/**
 * @param rules as `mapping-check` passed them: patterns that compile, attributes that exist
 * @throws SyntaxError for a pattern that is no regular expression
 */
export function compileRules(rules: readonly StandardRoutingRule[], features: readonly Feature[]): CompiledRule[] {
  const numbers = new Set(features.filter(({ kind }) => kind === 'number').map(featureName))
  const test = (conditions: readonly RuleCondition[] = []) => allOf(conditions.map((condition) => compileCondition(condition, numbers)))
  return rules.map(({ id, title, when, code, template, steps }) => ({
    id,
    title: title ?? null,
    template: template === true,
    when: test(when),
    code: code.map((part) => compilePart(part, test)),
    steps:
      steps?.map((step) => ({
        operation: step.operation,
        when: test(step.when),
        code: step.code === undefined ? null : new RegExp(step.code, 'u'),
      })) ?? null,
  }))
}

/**
 * What a rule says of an item: its answer, the attributes that it lacks, or null where it is not for such an item.
 * Costs about a microsecond a rule.
 */
export function askRule(rule: CompiledRule, values: RuleValues): RuleAnswer | SilentRule | null {
  const notes: Notes = { missing: new Set(), assumed: new Set() }
  if (rule.when(values, notes) !== true) return null
  const { missing } = notes
  let code = ''
  for (const part of rule.code) {
    const text = part(values, notes)
    if (text === undefined) return null
    code += text ?? ''
  }
  if (missing.size > 0) return { rule, missing: [...missing] }
  if (code === '' || code.length > limits.codeCharactersMax) return null
  const steps: string[] = []
  for (const step of rule.steps ?? []) {
    if (step.code !== null && !step.code.test(code)) continue
    if (step.when(values, notes) === true) steps.push(step.operation)
  }
  if (missing.size > 0 && !rule.template) return { rule, missing: [...missing] }
  return { rule, code, steps: missing.size > 0 || steps.length === 0 ? null : steps, assumed: [...notes.assumed] }
}

/** All must hold. One that fails decides, whatever is unknown beside it. */
function allOf(tests: Test[]): Test {
  return (values, { missing, assumed }) => {
    const notes: Notes = { missing: new Set(), assumed }
    for (const test of tests) if (test(values, notes) === false) return false
    for (const name of notes.missing) missing.add(name)
    return notes.missing.size === 0 ? true : null
  }
}

function compileCondition(condition: RuleCondition, numbers: ReadonlySet<string>): Test {
  const { attribute, known } = condition
  const holds = numbers.has(attribute) ? numberTest(condition) : textTest(condition)
  return (values, { missing, assumed }) => {
    const value = values.get(attribute) ?? null
    if (value !== null) return known !== false && holds(value)
    const noted = known === undefined ? missing : assumed
    noted.add(attribute)
    return known === undefined ? null : !known
  }
}

function numberTest({ in: listed, min, max, above, below }: RuleCondition): (value: string | number) => boolean {
  const values = listed === undefined ? null : new Set(listed.map(Number))
  return (value) =>
    typeof value === 'number' &&
    (values === null || values.has(value)) &&
    (min === undefined || value >= min) &&
    (max === undefined || value <= max) &&
    (above === undefined || value > above) &&
    (below === undefined || value < below)
}

function textTest({ in: listed, matches }: RuleCondition): (value: string | number) => boolean {
  const values = listed === undefined ? null : new Set(listed.map(cleanText))
  const pattern = matches === undefined ? null : new RegExp(matches, 'u')
  return (value) => {
    const text = String(value)
    return (values === null || values.has(text)) && (pattern === null || pattern.test(text.slice(0, limits.matchedCharactersMax)))
  }
}

function compilePart(part: CodePart, test: (conditions: readonly RuleCondition[]) => Test): Part {
  if (typeof part === 'string') return () => part
  if ('attribute' in part) {
    return (values, { missing }) => {
      const value = values.get(part.attribute) ?? null
      if (value === null) missing.add(part.attribute)
      return value === null ? null : String(value)
    }
  }
  const cases = part.cases.map(({ when, text }) => ({ when: test(when), text }))
  return (values, notes) => {
    for (const { when, text } of cases) {
      const verdict = when(values, notes)
      if (verdict === true) return text
      // a later case must not win over one that might hold
      if (verdict === null) return null
    }
    return part.otherwise
  }
}
