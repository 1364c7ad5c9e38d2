/**
 * Standard routings in an answer. Where the answer would abstain, the plant's standard routing comes first, unless the rule was
 * measured to be worse than the best guess; so it does where the rule was measured to be clearly surer than the answer is; elsewhere a candidate with its operations is marked, and it follows as the last one
 * where nobody proposed it.
 *
 * A template (a pseudo-item such as RTG-GLAND1-1) stays a neighbour of other items: it is a routing that the plant's planners
 * wrote, and it has one say like every item. But it was never made: an item that is near to templates only has nothing near. In
 * the rule's own candidate the template alone speaks of resources and times, so that it never counts twice.
 */
import type { Candidate, Grounds, PredictRequest } from '../contract/predict'
import type { StandardRouting } from '../contract/standard-routing'
import type { EvidenceRouting } from '../domain/evidence'
import type { Ranked } from '../domain/ranking'
import { assumingRecord, findStandardRouting, recordOf, ruleConfidence, type StandardProposal } from '../domain/standard-proposal'
import type { SilentRule } from '../domain/standard-routing'
import { type DraftStep, draftSteps } from '../domain/step-draft'
import { indexSteps, type StepEvidence } from '../domain/step-evidence'
import { groundsInWords, nothingNearInWords } from './grounds'
import type { Model } from './model'
import type { Neighbourhood } from './neighbourhood'
import type { Query } from './query'

/** By so much a rule's record must be better than the answer's own confidence to come before it. */
const CLEARLY_SURER = 0.2
/** From so many candidates on, the last one may give way to the standard routing. */
const LAST_GIVES_WAY_FROM = 3

interface StandardQuestion {
  query: Query
  request: Pick<PredictRequest, 'ignoreOwnHistory' | 'without'>
  ranked: Ranked[]
  neighbourhood: Pick<Neighbourhood, 'neighbours' | 'own'>
  /** As the neighbours and the learned model give them. */
  grounds: Grounds
  /** Of the first candidate, as the neighbours and the learned model give it. */
  confidence: number
  /** Candidates that were asked for. */
  count: number
}

/** What the rules make of an answer. */
export interface StandardPlan {
  proposal: StandardProposal | null
  /** Candidates in order. */
  chosen: Ranked[]
  /** The one among them that is there by the rule; null where the rule fired not, or others proposed the same. */
  byRule: Ranked | null
  grounds: Grounds
  reason: string
  /** Nothing near is known, or nothing at all was proposed but by a rule: a person must look. */
  abstained: boolean
  /** Of the rule, where its routing comes first. */
  confidence: number | null
}

export function planStandardRouting(model: Model, question: StandardQuestion): StandardPlan {
  const { query, request, ranked, count } = question
  const { templates } = model.standardRules
  const { proposal, silent } = findStandardRouting(model.knowledge, model.standardRules, query.values, leftOut(model, query, request))
  const grounds = proposal === null ? question.grounds : withoutTemplates(model, question)
  const abstained = grounds.code === 'nothing_near' || grounds.code === 'no_attributes' || ranked.length === 0
  const chosen = ranked.slice(0, count)
  const plain = { proposal, abstained, grounds, confidence: null }
  if (proposal === null) {
    const needs = abstained && silent !== null ? ` ${needsInWords(silent)}` : ''
    return { ...plain, chosen, byRule: null, reason: `${groundsInWords(grounds)}${needs}` }
  }
  const entry = ranked.find(({ operations }) => equal(operations, proposal.operations)) ?? unproposed(proposal)
  const confidence = ruleConfidence(model.learned.standardRoutings, proposal)
  // a rule that was mostly wrong is no better guess than the others
  const isSurer = !question.neighbourhood.own && confidence > question.confidence + CLEARLY_SURER
  const isGuess = confidence < (ranked.find((other) => other !== entry)?.probability ?? 0)
  if ((!abstained || isGuess) && !isSurer) {
    return { ...plain, ...ruleLast(chosen, entry, confidence, count), reason: groundsInWords(grounds) }
  }
  const byRule = { ...entry, probability: confidence }
  const others = ranked
    .filter((other) => other !== entry)
    .slice(0, count - 1)
    .map((other) => ({ ...other, probability: other.probability * (1 - confidence) }))
  const same = new Set(entry.evidence.map(({ neighbour }) => neighbour.item).filter((item) => !templates.has(item))).size
  const { decisiveFor: _, ...rest } = grounds
  return {
    ...plain,
    chosen: [byRule, ...others],
    byRule,
    confidence,
    grounds: { ...rest, same, decisive: [], standardRouting: proposal.code },
    reason: ruleInWords(model, grounds, proposal, ranked.length > 0),
  }
}

/** The rule's routing where nobody else proposed it: behind the others, or in the place of the last if that is less likely. */
function ruleLast(chosen: Ranked[], entry: Ranked, confidence: number, count: number): Pick<StandardPlan, 'chosen' | 'byRule'> {
  if (chosen.includes(entry)) return { chosen, byRule: null }
  if (chosen.length < count) return { chosen: [...chosen, entry], byRule: entry }
  if (count < LAST_GIVES_WAY_FROM || confidence <= chosen[count - 1].probability) return { chosen, byRule: null }
  return { chosen: [...chosen.slice(0, -1), entry], byRule: entry }
}

/** Steps of the rule's candidate: resources and times of the template, else the plant's usual ones; support by the neighbours. */
export function draftStandardRouting(model: Model, { proposal }: StandardPlan, neighbours: StepEvidence): DraftStep[] {
  const { knowledge, usualResources } = model
  if (proposal === null) return []
  const { operations, routing, item } = proposal
  const template: EvidenceRouting[] =
    routing < 0 ? [] : [{ routing, weight: 1, neighbour: { item, vector: knowledge.items.vector[item], similarity: 0, weight: 1 } }]
  const drafts = draftSteps(knowledge, indexSteps(knowledge, template, usualResources), operations, routing)
  const seen = new Map<number, number>()
  for (const draft of drafts) {
    const occurrence = seen.get(draft.operation) ?? 0
    seen.set(draft.operation, occurrence + 1)
    draft.support = neighbours.of(draft.operation, occurrence).support
  }
  return drafts
}

/** Names the standard routing on a candidate that has its operations; `entry` is what the candidate was drafted from. */
export function markStandardRouting({ proposal, byRule }: StandardPlan, entry: Ranked, candidate: Candidate): Candidate {
  if (proposal === null || !equal(entry.operations, proposal.operations)) return candidate
  const { rule, code } = proposal
  const standardRouting: StandardRouting = { rule: rule.id, code, title: rule.title }
  return entry === byRule ? { ...candidate, id: `rule/${code}`, kind: 'rule', standardRouting } : { ...candidate, standardRouting }
}

/** Items that are no evidence are no templates either; an item's own history counts unless it is to be ignored. */
function leftOut({ knowledge }: Model, query: Query, { ignoreOwnHistory, without }: StandardQuestion['request']): (row: number) => boolean {
  const keys = new Set(without?.map((key) => key.trim()))
  return (row) => (ignoreOwnHistory === true && row === query.row) || (keys.size > 0 && keys.has(knowledge.items.key(row)))
}

/**
 * Near to a template is not near to anything that was made: where the rules speak, only real parts count as near. (Where they are
 * silent, the templates are the best that is known.)
 */
function withoutTemplates({ standardRules, learned }: Model, { grounds, neighbourhood: { neighbours, own } }: StandardQuestion): Grounds {
  const { templates } = standardRules
  if (own || !neighbours.some(({ item }) => templates.has(item))) return grounds
  const parts = neighbours.filter(({ item }) => !templates.has(item))
  const nearest = parts[0]?.similarity ?? 0
  if (parts.length > 0 && nearest >= learned.similarityMin) return grounds
  return {
    ...grounds,
    code: 'nothing_near',
    neighbours: parts.length,
    same: Math.min(grounds.same, parts.length),
    nearest: Math.round(nearest * 10_000) / 10_000,
  }
}

const unproposed = ({ operations }: StandardProposal): Ranked => ({ operations, probability: 0, vote: 0, model: 0, habit: 0, evidence: [] })

function ruleInWords({ learned }: Model, grounds: Grounds, { code: standard, rule, assumed }: StandardProposal, isRanked: boolean): string {
  const { code, nearest } = grounds
  const ground =
    code === 'no_attributes'
      ? 'No attribute of the item is known'
      : code === 'nothing_near'
        ? nothingNearInWords(grounds)
        : isRanked
          ? `The similar items say little of this one (the nearest is ${Math.round(nearest * 100)} % similar)`
          : 'No similar item has a routing'
  const { asked, right } = assumingRecord(recordOf(learned.standardRoutings, rule.id), assumed.length)
  const blank = assumed.length === 0 ? '' : ` It takes ${listed(assumed)} for blank.`
  const likewise = assumed.length === 0 ? '' : ', with as much unknown'
  const tried =
    asked === 0 ? `The rule was never tried on a routed item${likewise}` : `The rule was right in ${right} of ${asked} cases${likewise}`
  return `${ground}: the plant's standard routing ${standard} is proposed by rule ${rule.id}.${blank} ${tried}; check the draft.`
}

const listed = (names: string[]): string => names.join(', ').replace(/, ([^,]*)$/, ' and $1')
const needsInWords = ({ rule, missing }: SilentRule): string =>
  `Rule ${rule.id} would propose a standard routing if ${listed(missing)} were known.`

const equal = (a: Uint32Array, b: Uint32Array): boolean => a.length === b.length && a.every((operation, index) => operation === b[index])
