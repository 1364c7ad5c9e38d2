/** Two drafted routings beside each other: what became of each step, as data and in words. */
import type { ChangeEffect, StepChange } from '../contract/counterfactual'
import type { Step } from '../contract/predict'
import { diffSequences } from './sequence-diff'

type DraftedStep = Pick<Step, 'sequence' | 'operation' | 'operationName' | 'resource'>

/** One entry a step, in the order of `after`. */
export function compareSteps(before: readonly DraftedStep[], after: readonly DraftedStep[]): StepChange[] {
  const codes = (steps: readonly DraftedStep[]) => steps.map(({ operation }) => operation)
  const place = (step: DraftedStep | null) => step && { sequence: step.sequence, resource: step.resource }
  return diffSequences(codes(before), codes(after)).map((edit) => {
    const from = edit.before === null ? null : before[edit.before]
    const to = edit.after === null ? null : after[edit.after]
    return {
      change: edit.kind,
      operation: edit.operation,
      operationName: (to ?? from)?.operationName ?? null,
      before: place(from),
      after: place(to),
      resourceChanged: from !== null && to !== null && from.resource !== to.resource,
    }
  })
}

export function effectOf(steps: StepChange[]): ChangeEffect {
  if (steps.some(({ change }) => change !== 'kept')) return 'operations'
  return steps.some(({ resourceChanged }) => resourceChanged) ? 'resources' : 'none'
}

/** Steps that one sentence names; more are counted. */
const NAMED_MAX = 6

/** "step 40 (heat treatment) disappears; step 60 (grinding) runs on G12 instead of G10"; numbers are those of before. */
export function stepsInWords(steps: StepChange[]): string {
  const parts: string[] = []
  steps.forEach((step, at) => {
    if (step.change === 'removed') parts.push(`${nameOf(step, step.before)} disappears`)
    if (step.change === 'added') parts.push(`${labelOf(step)} is added ${whereOf(steps, at)}`)
    if (step.change === 'moved') parts.push(`${nameOf(step, step.before)} moves ${whereOf(steps, at)}`)
    if (step.resourceChanged) {
      const [from, to] = [step.before?.resource ?? 'no resource', step.after?.resource ?? 'no resource']
      parts.push(`${nameOf(step, step.before)} runs on ${to} instead of ${from}`)
    }
  })
  if (parts.length === 0) return 'nothing changes'
  const rest = parts.length - NAMED_MAX
  return [...parts.slice(0, NAMED_MAX), ...(rest > 0 ? [`${rest} more changes`] : [])].join('; ')
}

const labelOf = ({ operation, operationName }: StepChange): string =>
  operationName === null || operationName === operation ? operation : `${operation} (${operationName})`

const nameOf = (step: StepChange, place: StepChange['before']): string =>
  `step ${place?.sequence} (${step.operationName ?? step.operation})`

/** Behind which step of before it stands now. */
function whereOf(steps: StepChange[], at: number): string {
  for (let place = at - 1; place >= 0; place--) {
    const { change, before } = steps[place]
    if (change === 'kept') return `behind step ${before?.sequence}`
    if (change === 'added') return `behind ${steps[place].operation}`
  }
  return 'at the beginning'
}
