/** A prediction as it is kept: what is needed to compare a saved routing with it, and no more. */
import { limits } from '../contract/limits'
import type { Prediction } from '../contract/predict'
import type { ProposedRouting } from '../domain/adoption'
import { DomainError } from '../domain/error'
import type { NewProposal } from '../store/proposal'

/** Resources of longer routings are not kept: they are many, and adoption by operations is what is asked for. */
const RESOURCES_OF_STEPS_MAX = 100

/** As it stands in the database: operations in order, and their resources where they are kept. */
interface KeptCandidate {
  id: string
  o: string[]
  r?: (string | null)[]
}

/** Candidates that do not fit into the bound of characters any more are left out, the last first; at least one stays. */
export function proposalRow(prediction: Prediction, at: Date): NewProposal {
  const { id, version, epoch, item, confidence, abstained } = prediction
  const kept: KeptCandidate[] = []
  let characters = 0
  for (const { id, steps } of prediction.candidates) {
    const withResources = steps.length <= RESOURCES_OF_STEPS_MAX
    const o: string[] = []
    const r: (string | null)[] = []
    for (const { operation, resource } of steps) {
      o.push(operation)
      characters += operation.length + 3
      if (!withResources) continue
      r.push(resource)
      characters += (resource?.length ?? 2) + 3
    }
    if (characters > limits.proposalCharactersMax && kept.length > 0) break
    kept.push(withResources ? { id, o, r } : { id, o })
  }
  return { id, version, epoch, item, confidence, abstained, candidates: JSON.stringify(kept), at: at.getTime() }
}

/** The candidates of a kept proposal, in their order. */
export function readCandidates({ candidates }: Pick<NewProposal, 'candidates'>): ProposedRouting[] {
  const kept: unknown = JSON.parse(candidates)
  if (!Array.isArray(kept)) throw new DomainError('internal', 'a kept proposal is not readable')
  return (kept as KeptCandidate[]).map(({ id, o, r }) => ({ id, operations: o, resources: r ?? null }))
}
