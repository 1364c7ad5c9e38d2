/** Drafts the steps of one candidate: for each operation the resource, its alternatives, who performs it, and its witnesses. */
import { limits } from '../contract/limits'
import type { StepAlternative } from '../contract/predict'
import { type Knowledge, MISSING_CODE } from './knowledge'
import type { OperationEvidence, StepEvidence, StepWitness } from './step-evidence'

export interface DraftStep {
  operation: number
  /** 0 when the plant names no resource. */
  resource: number
  alternatives: StepAlternative[]
  inside: boolean | null
  /** Run once for a whole lot. */
  batch: boolean | null
  partner: string | null
  leadTimeDays: number | null
  support: number
  sources: number[]
  /** Witnesses on the chosen resource: the samples of the step's times. */
  samples: StepWitness[]
}

/**
 * @param source a real routing whose own resources come first, or −1
 */
export function draftSteps(knowledge: Knowledge, evidence: StepEvidence, operations: Uint32Array, source: number): DraftStep[] {
  const occurrences = new Map<number, number>()
  const from = source < 0 ? 0 : knowledge.routings.stepOffsets[source]
  return Array.from(operations, (operation, index) => {
    const occurrence = occurrences.get(operation) ?? 0
    occurrences.set(operation, occurrence + 1)
    return draftStep(knowledge, evidence.of(operation, occurrence), operation, source < 0 ? -1 : from + index)
  })
}

function draftStep(knowledge: Knowledge, { shares, support, sources, on }: OperationEvidence, operation: number, own: number): DraftStep {
  const { steps } = knowledge
  const resource = own >= 0 && steps.resource[own] !== MISSING_CODE ? steps.resource[own] : (shares[0]?.resource ?? MISSING_CODE)
  const samples = on(resource)
  const inside = flagOf(steps.inside, own, samples)
  const external = inside === false ? (own >= 0 ? own : nearestOutside(knowledge, samples)) : -1
  return {
    operation,
    resource,
    alternatives: shares
      .filter((share) => share.resource !== resource)
      .slice(0, limits.stepAlternativesMax)
      .map((share) => ({
        resource: knowledge.resources.code[share.resource],
        resourceName: knowledge.resources.name[share.resource] || null,
        support: share.support,
        inside: majority(steps.inside, on(share.resource)),
      })),
    inside,
    batch: flagOf(steps.batch, own, samples),
    partner: external < 0 ? null : steps.partner.value(steps.partner.codes[external]) || null,
    leadTimeDays: external < 0 || Number.isNaN(steps.leadTimeDays[external]) ? null : steps.leadTimeDays[external],
    support,
    sources,
    samples,
  }
}

const known = (flag: number): boolean | null => (flag === 255 ? null : flag === 1)

/** The own row's flag where there is one, else what most of the weight says. */
const flagOf = (flags: Uint8Array, own: number, witnesses: StepWitness[]): boolean | null =>
  own >= 0 ? known(flags[own]) : majority(flags, witnesses)

function majority(flags: Uint8Array, witnesses: StepWitness[]): boolean | null {
  let balance = 0
  let isKnown = false
  for (const { step, weight } of witnesses) {
    const flag = known(flags[step])
    if (flag === null) continue
    isKnown = true
    balance += flag ? weight : -weight
  }
  return isKnown ? balance >= 0 : null
}

function nearestOutside(knowledge: Knowledge, witnesses: StepWitness[]): number {
  return witnesses.find(({ step }) => knowledge.steps.inside[step] === 0)?.step ?? -1
}
