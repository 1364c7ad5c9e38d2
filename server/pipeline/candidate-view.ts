/** Candidates as they are shown: their identity, their steps with times, their totals. */
import type { Candidate, CandidateKind, Step } from '../contract/predict'
import type { EvidenceRouting } from '../domain/evidence'
import { signatureText } from '../domain/knowledge'
import { leadTimeOf } from '../domain/lead-time'
import type { Ranked } from '../domain/ranking'
import type { DraftStep } from '../domain/step-draft'
import type { Model } from './model'
import type { StepTimes } from './step-times'

interface CandidateInput {
  entry: Ranked
  steps: Step[]
  /** Row of the item that was asked for, or −1. */
  ownRow: number
  /** Place among the candidates. */
  index: number
  /** The learned model's first proposal. */
  proposed: Uint32Array | undefined
  /** It comes from this routing of a group. */
  group?: EvidenceRouting
  /** Pieces of the lot that the lead time is for. */
  lot: number
}

export function showCandidate(model: Model, { entry, steps, ownRow, index, proposed, group, lot }: CandidateInput): Candidate {
  const exact: EvidenceRouting | undefined = group ?? entry.evidence[0]
  const signature = signatureText(model.knowledge, entry.operations)
  const isOwn = exact !== undefined && exact.neighbour.item === ownRow
  const isComposed = exact === undefined || (proposed !== undefined && !isOwn && equal(entry.operations, proposed))
  const kind: CandidateKind = group !== undefined ? 'group' : isOwn ? 'own' : isComposed ? 'composed' : 'neighbour'
  const source =
    exact === undefined
      ? null
      : {
          item: model.knowledge.items.key(exact.neighbour.item),
          routing: model.knowledge.routings.label(exact.routing),
          similarity: round(exact.neighbour.similarity),
        }
  return {
    id: source === null || kind === 'composed' ? `composed/${index + 1}` : `${source.item}/${source.routing}`,
    kind,
    probability: round(entry.probability),
    source,
    signature,
    sameSignature: new Set(entry.evidence.map(({ neighbour }) => neighbour.item)).size,
    steps,
    totalSetupMinutes: total(steps, 'setupMinutes'),
    totalRunMinutes: total(steps, 'runMinutes'),
    leadTime: leadTimeOf(steps, lot),
    standardRouting: null,
  }
}

/** Steps numbered by tens. */
export function showSteps(model: Model, drafts: DraftStep[], times: StepTimes[]): Step[] {
  return drafts.map((draft, index) => ({ ...showStep(model, draft, times[index]), sequence: 10 * (index + 1) }))
}

function showStep(model: Model, draft: DraftStep, times: StepTimes): Step {
  const { operations, resources, items } = model.knowledge
  return {
    sequence: 0,
    operation: operations.code[draft.operation],
    operationName: operations.name[draft.operation] || null,
    resource: resources.code[draft.resource] || null,
    resourceName: resources.name[draft.resource] || null,
    workCentre: resources.workCentre[draft.resource] || null,
    alternatives: draft.alternatives.map((alternative) => ({ ...alternative, support: round(alternative.support) })),
    inside: draft.inside,
    batch: draft.batch,
    partner: draft.partner,
    leadTimeDays: draft.leadTimeDays,
    // a plant that plans no times but reports them is drafted from the reports
    setupMinutes: times.setup ?? times.actualSetup,
    runMinutes: times.run ?? times.actualRun,
    queueMinutes: times.queue,
    waitMinutes: times.wait,
    moveMinutes: times.move,
    actualSetupMinutes: times.actualSetup,
    actualRunMinutes: times.actualRun,
    support: round(draft.support),
    sources: draft.sources.map(items.key),
  }
}

/** Sum of the middle estimates over in-house steps; null when no step has one. */
function total(steps: Step[], name: 'setupMinutes' | 'runMinutes'): number | null {
  const known = steps.filter((step) => step.inside !== false && step[name] !== null)
  return known.length === 0 ? null : round(known.reduce((sum, step) => sum + step[name]!.p50, 0))
}

const equal = (a: Uint32Array, b: Uint32Array): boolean => a.length === b.length && a.every((operation, index) => operation === b[index])
const round = (value: number): number => Math.round(value * 10_000) / 10_000
