/** The routings of one item: what the rules say, what the planner made of it, and the alternatives. */
import { sampleNoise, sampleShares } from './noise'
import { type Operation, operations } from './operation'
import type { Random } from './random'
import { plan } from './rules'
import { type MachineChoice, makeStep, type Step } from './step'
import type { PlanningView } from './view'

/** How a planner deviated from the rules. */
export type Slip = 'forgotten' | 'swapped' | 'machine'

export interface Routing {
  /** ROUT_NO: 1 is the usual one. */
  number: 1 | 2 | 3
  steps: Step[]
  slip: Slip | null
  /** Day of registration, counted from the first of the calendar (calendar.ts). */
  day: number
  /** Closed on this day, null while valid. */
  closedDay: number | null
}

const machining = /^[ABCD]/
/** Codes with the machining between first and last chip given to a partner; null where nothing can be given away. */
export function outsourced(codes: readonly string[]): string[] | null {
  const first = codes.findIndex((code) => machining.test(code))
  const last = codes.findLastIndex((code) => machining.test(code))
  if (first < 0 || last === first) return null
  return [...codes.slice(0, first), 'X10-1', ...codes.slice(last + 1)]
}

/** A planner's slip in the sequence, in place; null when the sequence has no room for it. */
export function slipInSequence(codes: string[], slip: 'forgotten' | 'swapped', random: Random): Slip | null {
  if (codes.length < 2) return null
  if (slip === 'forgotten') {
    codes.splice(random.int(codes.length), 1)
    return slip
  }
  const at = random.int(codes.length - 1)
  const [left, right] = [codes[at], codes[at + 1]]
  codes[at] = right
  codes[at + 1] = left
  return slip
}

function drawSlip(codes: string[], random: Random): Slip | null {
  const x = random.next()
  const { forgottenStep, swappedSteps, unusualMachine } = sampleNoise
  if (x < forgottenStep) return slipInSequence(codes, 'forgotten', random)
  if (x < forgottenStep + swappedSteps) return slipInSequence(codes, 'swapped', random)
  return x < forgottenStep + swappedSteps + unusualMachine ? 'machine' : null
}

function makeRouting(
  number: Routing['number'],
  ruled: readonly string[],
  view: PlanningView,
  choice: MachineChoice,
  random: Random,
): Routing {
  const codes = [...ruled]
  const slip = drawSlip(codes, random)
  const machine = slip === 'machine' ? 'spare' : choice
  return {
    number,
    steps: codes.map((code) => makeStep(operations.get(code) as Operation, view, machine, random)),
    slip,
    day: random.int(7200),
    closedDay: number > 1 && random.chance(0.1) ? 7200 + random.int(300) : null,
  }
}

/** The first routing on the usual machines; a fifth of the items have a second one, of those a fifth a third. */
export function drawRoutings(view: PlanningView, random: Random): Routing[] {
  const codes = plan(view)
  const routings = [makeRouting(1, codes, view, 'usual', random)]
  if (!random.chance(sampleShares.secondRouting)) return routings
  const outside = outsourced(codes)
  routings.push(
    outside !== null && random.chance(0.5) ? makeRouting(2, outside, view, 'usual', random) : makeRouting(2, codes, view, 'spare', random),
  )
  if (outside !== null && random.chance(sampleShares.thirdRouting)) routings.push(makeRouting(3, outside, view, 'usual', random))
  return routings
}

/** The routing of a pseudo-item: the rules without slips. */
export function standardRouting(view: PlanningView, random: Random): Routing {
  const steps = plan(view).map((code) => makeStep(operations.get(code) as Operation, view, 'usual', random))
  return { number: 1, steps, slip: null, day: 0, closedDay: null }
}
