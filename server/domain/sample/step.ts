/** One step of a sample routing: machine or partner, and the minutes a planner wrote down. */
import { sampleNoise } from './noise'
import type { Operation } from './operation'
import type { Random } from './random'
import { type Partner, type Pool, partners, pools, type Resource, usualMachine } from './resource'
import type { PlanningView } from './view'

export interface Step {
  operation: Operation
  resource: Resource
  /** Null in-house. */
  partner: Partner | null
  /** Planned minutes per lot and per piece. */
  setup: number
  run: number
  /** What it really takes; reports scatter around it. */
  trueSetup: number
  trueRun: number
  queue: number
  wait: number
  move: number
  /** Days, 0 in-house. */
  leadDays: number
  /** Won a piece, 0 in-house. */
  price: number
  /** Reviewed actual times in minutes; null where nobody looked. */
  actualSetup: number | null
  actualRun: number | null
  /** Machine hours of the last report. */
  workedHours: number | null
}

/** `usual`: the rules' machine, now and then another of the pool. `spare`: the older or makeshift place. */
export type MachineChoice = 'usual' | 'spare'

/** The size of a partner's larger pieces begins here. */
const largePieceMm = 200

function chooseMachine(pool: Pool, sizeMm: number, choice: MachineChoice, random: Random): Resource {
  const drawn = random.next()
  if (choice === 'spare') return pool.spare[(drawn * pool.spare.length) | 0]
  if (drawn < sampleNoise.otherMachine) return random.pick(pool.machines)
  return usualMachine(pool, sizeMm)
}

/** Planners write five-minute steps, below a quarter of an hour single minutes. */
const raster = (minutes: number): number => (minutes > 15 ? Math.round(minutes / 5) * 5 : Math.max(1, Math.round(minutes)))

/** Minutes per lot and per piece that an operation really takes on a machine. */
export function trueMinutes(operation: Operation, resource: Resource, view: PlanningView): { setup: number; run: number } {
  const size = Math.min(Math.max(view.sizeMm, 4), 1500) / 80
  const effort = operation.cutting ? view.material.effort : 1
  return {
    setup: operation.setup * resource.factor * (1 + 0.12 * Math.log(Math.max(size, 0.2))),
    run: operation.run * resource.factor * effort * size ** operation.growth,
  }
}

/** Who does the operation outside, null when it stays in-house. */
export function partnerOf(operation: Operation, sizeMm: number): Partner | null {
  if (operation.trade === null || sizeMm <= operation.insideMaxMm) return null
  return partners[operation.trade][sizeMm > largePieceMm ? 1 : 0]
}

export function makeStep(operation: Operation, view: PlanningView, choice: MachineChoice, random: Random): Step {
  const partner = partnerOf(operation, view.sizeMm)
  const pool: Pool = pools[operation.pool]
  const resource = partner?.resource ?? chooseMachine(pool, view.sizeMm, choice, random)
  const minutes = partner ? { setup: 0, run: 0 } : trueMinutes(operation, resource, view)
  const price = partner ? Math.max(1, Math.round((partner.price * Math.max(view.sizeMm, 10)) / 80 / 100)) * 100 : 0
  return {
    operation,
    resource,
    partner,
    setup: minutes.setup === 0 ? 0 : Math.max(5, raster(minutes.setup * random.logNormal(sampleNoise.plannedSigma))),
    run: minutes.run === 0 ? 0 : raster(minutes.run * random.logNormal(sampleNoise.plannedSigma)),
    trueSetup: minutes.setup,
    trueRun: minutes.run,
    queue: partner ? 0 : pool.queue,
    wait: partner ? 0 : operation.wait,
    move: partner ? 0 : operation.move,
    leadDays: partner?.leadDays ?? 0,
    price,
    actualSetup: null,
    actualRun: null,
    workedHours: null,
  }
}
