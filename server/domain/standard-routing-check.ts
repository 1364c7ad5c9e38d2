/** What a schema cannot say about standard-routing rules: attributes that exist, checks that fit their kind, patterns that compile. */
import type { Feature } from '../contract/mapping'
import type { ProblemDetail } from '../contract/problem'
import type { CodePart, RuleCondition, StandardRoutingRule } from '../contract/standard-routing'
import { featureName } from './attribute-parser'

type Kinds = ReadonlyMap<string, Feature['kind']>

/** Problems of the rules of a mapping, with JSON pointers into it; empty when they can be used. */
export function standardRoutingProblems(rules: readonly StandardRoutingRule[], features: readonly Feature[]): ProblemDetail[] {
  const kinds: Kinds = new Map(features.map((feature) => [featureName(feature), feature.kind]))
  const ids = new Map<string, number>()
  return rules.flatMap((rule, at) => {
    const path = `/standardRoutings/${at}`
    const first = ids.get(rule.id)
    if (first === undefined) ids.set(rule.id, at)
    return [
      ...problemIf(first !== undefined, `${path}/id`, `rule ${first} has the same id`),
      ...problemIf(
        rule.template !== true && rule.steps === undefined,
        path,
        'needs `template`, `steps` or both: where the steps come from',
      ),
      ...conditionProblems(rule.when, `${path}/when`, kinds),
      ...rule.code.flatMap((part, index) => partProblems(part, `${path}/code/${index}`, kinds)),
      ...(rule.steps ?? []).flatMap(({ when, code }, index) => [
        ...conditionProblems(when, `${path}/steps/${index}/when`, kinds),
        ...patternProblems(code, `${path}/steps/${index}/code`),
      ]),
    ]
  })
}

function partProblems(part: CodePart, path: string, kinds: Kinds): ProblemDetail[] {
  if (typeof part === 'string') return []
  if ('attribute' in part) return attributeProblems(part.attribute, path, kinds)
  return part.cases.flatMap(({ when }, index) => conditionProblems(when, `${path}/cases/${index}/when`, kinds))
}

const conditionProblems = (conditions: readonly RuleCondition[] = [], path: string, kinds: Kinds): ProblemDetail[] =>
  conditions.flatMap((condition, at) => oneConditionProblems(condition, `${path}/${at}`, kinds))

function oneConditionProblems(condition: RuleCondition, path: string, kinds: Kinds): ProblemDetail[] {
  const { attribute, known, matches, in: listed, min, max, above, below } = condition
  const unknown = attributeProblems(attribute, path, kinds)
  if (unknown.length > 0) return unknown
  const isNumber = kinds.get(attribute) === 'number'
  const bounds = [min, max, above, below].some((bound) => bound !== undefined)
  const checks = bounds || matches !== undefined || listed !== undefined
  const low = Math.max(min ?? Number.NEGATIVE_INFINITY, above ?? Number.NEGATIVE_INFINITY)
  const high = Math.min(max ?? Number.POSITIVE_INFINITY, below ?? Number.POSITIVE_INFINITY)
  return [
    ...problemIf(!checks && known === undefined, path, 'needs one of `in`, `matches`, `min`, `max`, `above`, `below`, `known`'),
    ...problemIf(checks && known === false, `${path}/known`, 'false allows no other check: an unknown value has none'),
    ...problemIf(isNumber && matches !== undefined, `${path}/matches`, 'the attribute is a number'),
    ...problemIf(!isNumber && bounds, path, 'the attribute is no number: `min`, `max`, `above` and `below` cannot hold'),
    ...problemIf(isNumber && listed?.some((value) => typeof value === 'string') === true, `${path}/in`, 'the attribute is a number'),
    ...problemIf(low > high || (low === high && (above === low || below === high)), path, 'no number is within these bounds'),
    ...patternProblems(matches, `${path}/matches`),
  ]
}

const attributeProblems = (attribute: string, path: string, kinds: Kinds): ProblemDetail[] =>
  problemIf(!kinds.has(attribute), `${path}/attribute`, 'no feature of the mapping has this name')

function patternProblems(pattern: string | undefined, path: string): ProblemDetail[] {
  if (pattern === undefined) return []
  try {
    new RegExp(pattern, 'u')
    return []
  } catch {
    return [{ path, message: 'is not a regular expression' }]
  }
}

const problemIf = (wrong: boolean, path: string, message: string): ProblemDetail[] => (wrong ? [{ path, message }] : [])
