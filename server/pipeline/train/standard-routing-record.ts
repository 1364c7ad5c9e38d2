/** How right the plant's standard-routing rules are, on the plant's own routed items: the confidence of an answer by rule. */
import type { RuleRecord } from '../../contract/standard-routing'
import { type Knowledge, signatureOperations } from '../../domain/knowledge'
import { sampleRows, seededRandom } from '../../domain/random'
import { sequenceKey } from '../../domain/signature'
import { findStandardRouting, type StandardRules } from '../../domain/standard-proposal'

/** Rules asked at most, over all items: about a second. A plant of few rules is asked item by item. */
const QUESTIONS_MAX = 1_000_000
const ITEMS_MIN = 2_000

/**
 * Asks the rules of routed items, a sample of a large plant. The templates themselves are not asked: they are right by definition.
 * Items with equal attributes are asked each, since each has a routing of its own.
 * @returns rule id → record; rules that fired nowhere are absent unless their steps name operations that the plant does not have
 */
export function recordStandardRoutings(knowledge: Knowledge, standard: StandardRules, seed: number): Record<string, RuleRecord> {
  const records = new Map<string, RuleRecord>()
  const recordOf = (id: string): RuleRecord => {
    const record = records.get(id) ?? { asked: 0, right: 0 }
    records.set(id, record)
    return record
  }
  if (standard.rules.length === 0) return {}
  for (const { id, steps } of standard.rules) {
    const unknown = new Set(steps?.map(({ operation }) => operation).filter((operation) => !standard.operations.has(operation)))
    if (unknown.size > 0) recordOf(id).unknownOperations = [...unknown]
  }
  const { routingOffsets } = knowledge.items
  const features = new Map(knowledge.items.features.map((feature) => [feature.name, feature]))
  const routed = Array.from({ length: knowledge.items.count }, (_, row) => row).filter(
    (row) => routingOffsets[row + 1] > routingOffsets[row],
  )
  const count = Math.max(ITEMS_MIN, Math.floor(QUESTIONS_MAX / standard.rules.length))
  for (const at of sampleRows(routed.length, count, seededRandom(seed))) {
    const row = routed[at]
    // a value is decoded when a rule looks at it: most look at one and pass
    const { proposal } = findStandardRouting(knowledge, standard, { get: (name) => features.get(name)?.value(row) })
    if (proposal === null || proposal.item === row) continue
    const record = recordOf(proposal.rule.id)
    record.asked++
    const wanted = sequenceKey(proposal.operations)
    for (let routing = routingOffsets[row]; routing < routingOffsets[row + 1]; routing++) {
      if (sequenceKey(signatureOperations(knowledge, knowledge.routings.signature[routing])) !== wanted) continue
      record.right++
      break
    }
  }
  return Object.fromEntries(records)
}
