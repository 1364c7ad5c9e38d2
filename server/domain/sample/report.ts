/** Work results: what the shop floor reported for an item's first routing, with its typing errors. */
import { lastDay } from './calendar'
import type { Kind } from './family'
import { sampleNoise, sampleShares } from './noise'
import { chooser, type Random } from './random'
import type { Routing } from './routing'
import type { Step } from './step'

export interface Report {
  routing: number
  sequence: number
  step: Step
  day: number
  /** Machine hours for the whole quantity, set-up hours for the lot. */
  workedHours: number
  setupHours: number
  quantity: number
  bad: number
}

const singles: ReadonlySet<Kind> = new Set(['assembly', 'kit', 'reservoir', 'cooler', 'shaft', 'piping'])
const drawSmallLot = chooser([
  [1, 60],
  [2, 24],
  [3, 8],
  [4, 5],
  [6, 3],
] as const)
const drawLot = chooser([
  [1, 12],
  [2, 20],
  [4, 16],
  [5, 16],
  [10, 20],
  [20, 10],
  [50, 6],
] as const)
const drawLots = chooser([
  [1, 55],
  [2, 22],
  [3, 11],
  [4, 7],
  [6, 5],
] as const)

const hours = (minutes: number): number => Math.round((minutes / 60) * 10_000) / 10_000

function drawReport(step: Step, sequence: number, quantity: number, day: number, random: Random): Report {
  const x = random.next()
  const slip = x < sampleNoise.tenfoldReport ? 10 : x < sampleNoise.tenfoldReport + sampleNoise.zeroReport ? 0 : 1
  return {
    routing: 1,
    sequence: random.chance(sampleNoise.strayReport) ? sequence + 500 : sequence,
    step,
    day,
    workedHours: hours(step.trueRun * quantity * random.logNormal(sampleNoise.actualRunSigma) * slip),
    setupHours: step.trueSetup === 0 ? 0 : hours(step.trueSetup * random.logNormal(sampleNoise.actualSetupSigma)),
    quantity,
    bad: random.chance(0.03) ? 1 + random.int(Math.max(1, Math.floor(quantity / 5))) : 0,
  }
}

/**
 * Reports of the in-house steps of the first routing; a few are missing. Sets the steps' reviewed times and last machine hours,
 * which the plant computes from its sane reports.
 */
export function drawReports(kind: Kind, routings: readonly Routing[], random: Random): Report[] {
  const main = routings[0]
  if (!main || !random.chance(sampleShares.produced)) return []
  const reports: Report[] = []
  const lots = drawLots(random)
  const quantities = Array.from({ length: lots }, () => (singles.has(kind) ? drawSmallLot(random) : drawLot(random)))
  main.steps.forEach((step, i) => {
    if (step.partner) return
    let run = 0
    let setup = 0
    let sane = 0
    quantities.forEach((quantity, lot) => {
      if (random.chance(0.05)) return
      const day = Math.min(lastDay, main.day + 20 + lot * 90 + i * 2)
      const report = drawReport(step, (i + 1) * 10, quantity, day, random)
      reports.push(report)
      const minutes = (report.workedHours * 60) / quantity
      if (minutes === 0 || minutes > step.trueRun * 4) return
      run += minutes
      setup += report.setupHours * 60
      sane++
      step.workedHours = report.workedHours
    })
    if (sane === 0 || !random.chance(0.6)) return
    step.actualRun = Math.round((run / sane) * 100) / 100
    step.actualSetup = Math.round((setup / sane) * 100) / 100
  })
  return reports
}
