/** How right the plant's standard-routing rules are, on the plant's own routed items: the confidence of an answer by rule. */
import type { RuleRecord } from '../../contract/standard-routing'
import { type Knowledge, signatureOperations } from '../../domain/knowledge'
import { type Random, sampleRows, seededRandom } from '../../domain/random'
import { sequenceKey } from '../../domain/signature'
import { ASSUMED_MAX, findStandardRouting, recordOf, type StandardProposal, type StandardRules } from '../../domain/standard-proposal'
import type { RuleValues } from '../../domain/standard-routing'

/** Questions to rules at most, over all items: about half a second. Of a plant with many rules fewer items are asked. */
const QUESTIONS_MAX = 200_000
const ITEMS_MIN = 2_000
/** Shares of the attributes that the second question leaves out: where nothing near is known, little is known of the item either. */
const BLANKED_MIN = 0.1
const BLANKED_MAX = 0.7

/**
 * Asks the rules of routed items, a sample of a large plant, as they are and once more with attributes blanked. The templates
 * themselves are not asked: they are right by definition. Items with equal attributes are asked each: each has its own routing.
 * @returns rule id → record; rules that fired nowhere are absent unless their steps name operations that the plant does not have
 */
export function recordStandardRoutings(knowledge: Knowledge, standard: StandardRules, seed: number): Record<string, RuleRecord> {
  if (standard.rules.length === 0) return {}
  const random = seededRandom(seed)
  const records: Record<string, RuleRecord> = {}
  const recordFor = (id: string): RuleRecord => (records[id] = recordOf(records, id))
  for (const { id, steps } of standard.rules) {
    const unknown = new Set(steps?.map(({ operation }) => operation).filter((operation) => !standard.operations.has(operation)))
    if (unknown.size > 0) recordFor(id).unknownOperations = [...unknown]
  }
  const { routingOffsets, count, features: known } = knowledge.items
  const features = new Map(known.map((feature) => [feature.name, feature]))
  const routed = Array.from({ length: count }, (_, row) => row).filter((row) => routingOffsets[row + 1] > routingOffsets[row])
  const asked = Math.max(ITEMS_MIN, Math.floor(QUESTIONS_MAX / standard.rules.length))
  for (const at of sampleRows(routed.length, asked, random)) {
    const row = routed[at]
    // a value is decoded when a rule looks at it: most look at one and pass
    const values: RuleValues = { get: (name) => features.get(name)?.value(row) }
    const { proposal } = findStandardRouting(knowledge, standard, values)
    if (proposal === null || proposal.item === row || standard.templates.has(row)) continue
    const right = isRight(knowledge, row, proposal)
    const record = recordFor(proposal.rule.id)
    record.asked++
    if (right) record.right++
    note(record, proposal, right)
    const again = findStandardRouting(knowledge, standard, blanked(values, random)).proposal
    // the same assumptions would be the same case twice
    if (again === null || again.item === row || again.assumed.length === proposal.assumed.length) continue
    note(recordFor(again.rule.id), again, isRight(knowledge, row, again))
  }
  return records
}

/** The values without a random share of them: an attribute is gone for all rules that look at it, or for none. */
function blanked(values: RuleValues, random: Random): RuleValues {
  const share = BLANKED_MIN + (BLANKED_MAX - BLANKED_MIN) * random()
  const gone = new Map<string, boolean>()
  return {
    get: (name) => {
      const isGone = gone.get(name) ?? random() < share
      gone.set(name, isGone)
      return isGone ? null : values.get(name)
    },
  }
}

function note({ assuming }: RuleRecord, { assumed }: StandardProposal, right: boolean): void {
  const at = Math.min(assumed.length, ASSUMED_MAX)
  while (assuming.length <= at) assuming.push({ asked: 0, right: 0 })
  assuming[at].asked++
  if (right) assuming[at].right++
}

function isRight(knowledge: Knowledge, row: number, { operations }: StandardProposal): boolean {
  const { routingOffsets } = knowledge.items
  const wanted = sequenceKey(operations)
  for (let routing = routingOffsets[row]; routing < routingOffsets[row + 1]; routing++) {
    if (sequenceKey(signatureOperations(knowledge, knowledge.routings.signature[routing])) === wanted) return true
  }
  return false
}
