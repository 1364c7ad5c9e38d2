/** A prediction as it is kept: what is needed to compare a saved routing with it, and no more. */
import { limits } from '../contract/limits'
import type { Prediction } from '../contract/predict'
import type { ProposedRouting } from '../domain/adoption'
import { DomainError } from '../domain/error'
import type { NewProposal } from '../store/proposal'

/** Resources of longer routings are not kept: they are many, and adoption by operations is what is asked for. */
const RESOURCES_OF_STEPS_MAX = 100

/** As it stands in the database: operations in order joined by a character that no code has, resources one per step or null. */
interface KeptCandidate {
  id: string
  o: string
  r?: (string | null)[]
}
const BETWEEN_OPERATIONS = '\u0001'

/** Candidates that do not fit into the bound of characters any more are left out, the last first; at least one stays. */
export function proposalRow(prediction: Prediction, at: Date): NewProposal {
  const { id, version, epoch, item, confidence, abstained } = prediction
  const candidates: string[] = []
  let characters = 0
  for (const { id, steps } of prediction.candidates) {
    const kept: KeptCandidate = { id, o: steps.map(({ operation }) => operation).join(BETWEEN_OPERATIONS) }
    if (steps.length <= RESOURCES_OF_STEPS_MAX) kept.r = steps.map(({ resource }) => resource)
    const text = JSON.stringify(kept)
    characters += text.length
    if (characters > limits.proposalCharactersMax && candidates.length > 0) break
    candidates.push(text)
  }
  return { id, version, epoch, item, confidence, abstained, candidates: `[${candidates.join()}]`, at: at.getTime() }
}

/** The candidates of a kept proposal, in their order. */
export function readCandidates({ candidates }: Pick<NewProposal, 'candidates'>): ProposedRouting[] {
  const kept: unknown = JSON.parse(candidates)
  if (!Array.isArray(kept)) throw new DomainError('internal', 'a kept proposal is not readable')
  return (kept as KeptCandidate[]).map(({ id, o, r }) => ({ id, operations: o.split(BETWEEN_OPERATIONS), resources: r ?? null }))
}
