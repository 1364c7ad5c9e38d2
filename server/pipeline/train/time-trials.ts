/** Held-out times beside everything that could have estimated them, none of which has seen them. */
import type { EvidenceRouting, Neighbour } from '../../domain/evidence'
import { signatureOperations } from '../../domain/knowledge'
import type { Plant } from '../../domain/plant'
import { draftSteps } from '../../domain/step-draft'
import { indexSteps } from '../../domain/step-evidence'
import { type TimeStatistics, timeKinds } from '../../domain/time-estimate'
import type { TimeBase, TimeTrial } from '../../domain/time-method'
import { groupSteps, type ProfileLevel, type TimeProfiles } from '../../domain/time-profiles'
import { fitOperation, fitSizeColumns, sizesOf, type TimeRegression } from '../../domain/time-regression'
import { timeWeights } from '../../domain/time-weights'
import { groupSamples } from '../../engine/sample-groups'
import { numberGroups } from '../profile-files'
import { baseTimes, neighbourTimes, scaling } from '../step-times'
import { summarizeStatistics } from '../time-statistics'
import type { Draft } from './held-out-cases'

/** Profiles and regression without the items of a fold. */
export interface TimeRehearsal {
  profiles: TimeProfiles
  regression: TimeRegression
}

/** @param isSmall in a large plant the few held-out times move no profile, and grouping millions of steps anew would cost seconds */
export function rehearseTimes(plant: Plant, draft: Draft, out: ReadonlySet<number>, isSmall: boolean): TimeRehearsal {
  return { profiles: isSmall ? profilesWithout(plant, out) : draft.profiles, regression: fitTimeRegression(plant, out) }
}

/** Regressions of the planned and reported set-up and run times of every operation with enough samples. */
export function fitTimeRegression(plant: Plant, out: ReadonlySet<number>): TimeRegression {
  const { steps, routings, items } = plant
  const columns = fitSizeColumns(items)
  const kinds: TimeRegression['kinds'] = {}
  if (columns.length === 0) return { columns, kinds }
  const features = new Map(items.features.map(({ name, column }) => [name, column]))
  const numberOf = (item: number) => (name: string) => {
    const column = features.get(name)
    return column?.kind === 'number' ? column.values[item] : null
  }
  const stepsOf: number[][] = steps.operation.dictionary.map(() => [])
  const itemOf = new Uint32Array(steps.count)
  for (let routing = 0; routing < routings.count; routing++) {
    if (out.has(routings.item[routing])) continue
    for (let step = routings.stepOffsets[routing]; step < routings.stepOffsets[routing + 1]; step++) {
      itemOf[step] = routings.item[routing]
      stepsOf[steps.operation.codes[step]].push(step)
    }
  }
  for (const kind of ['setup', 'run', 'actualSetup', 'actualRun'] as const) {
    const ofKind: TimeRegression['kinds'][string] = {}
    stepsOf.forEach((rows, operation) => {
      // a part of very many steps is enough, and keeps this linear in the operations
      const stride = Math.ceil(rows.length / 4_000)
      const taken = rows.filter((step, at) => at % stride === 0 && steps[kind][step] > 0)
      if (taken.length === 0) return
      const fitted = fitOperation(
        taken.map((step) => steps[kind][step]),
        taken.map((step) => sizesOf(columns, numberOf(itemOf[step]))),
        taken.map((step) => steps.resource.codes[step]),
      )
      if (fitted !== null) ofKind[operation] = fitted
    })
    if (Object.keys(ofKind).length > 0) kinds[kind] = ofKind
  }
  return { columns, kinds }
}

function profilesWithout({ steps, routings }: Plant, out: ReadonlySet<number>): TimeProfiles {
  const isOut = new Uint8Array(steps.count)
  for (let routing = 0; routing < routings.count; routing++) {
    if (out.has(routings.item[routing])) isOut.fill(1, routings.stepOffsets[routing], routings.stepOffsets[routing + 1])
  }
  const groupOf = numberGroups(steps.operationGroups)
  const groupings = groupSteps(steps.operation.codes, steps.resource.codes, steps.operation.dictionary.length, groupOf)
  const rows = new Map<string, TimeStatistics>()
  timeKinds.forEach((kind, kindIndex) => {
    const column = steps[kind].map((value, step) => (isOut[step] === 1 ? Number.NaN : value))
    for (const grouping of groupings) {
      const { values, offsets } = groupSamples(grouping.of, column, grouping.count)
      if (values.length === 0) continue
      const summaries = summarizeStatistics(values, offsets)
      for (let group = 0; group < grouping.count; group++) {
        const statistics = summaries[group]
        if (statistics === null) continue
        rows.set(`${kindIndex}/${grouping.level}/${grouping.operation[group]}/${grouping.resource[group]}`, statistics)
      }
    }
  })
  return {
    groupOf,
    hasQuartiles: true,
    at: (kind: number, level: ProfileLevel, operation: number, resource: number) =>
      rows.get(`${kind}/${level}/${operation}/${resource}`) ?? null,
  }
}

/** The item's main routing drafted with its own operations: what could have been said of its times, and what they are. */
export function timeTrials(
  { knowledge, usualResources }: Draft,
  { profiles, regression }: TimeRehearsal,
  { item, protocol }: { item: number; protocol: 'item' | 'family' },
  { neighbours, evidence }: { neighbours: Neighbour[]; evidence: EvidenceRouting[] },
): TimeTrial[] {
  const routing = knowledge.items.routingOffsets[item]
  const first = knowledge.routings.stepOffsets[routing]
  const operations = signatureOperations(knowledge, knowledge.routings.signature[routing])
  const drafts = draftSteps(knowledge, indexSteps(knowledge, evidence, usualResources), operations, -1)
  const features = new Map(knowledge.items.features.map(({ name, value }) => [name, value]))
  const sizes = sizesOf(regression.columns, (name) => features.get(name)?.(item) ?? null)
  const nearest = neighbours[0]?.similarity ?? 0
  const weigh = timeWeights(neighbours, false)
  const plain = neighbourTimes(knowledge, drafts, { weigh })
  const scaled = neighbourTimes(knowledge, drafts, { weigh, scale: scaling(knowledge, regression, sizes), scaled: timeKinds })
  return drafts.flatMap((draft, index) =>
    timeKinds.flatMap((kind, kindIndex): TimeTrial[] => {
      const actual = knowledge.steps[kind][first + index]
      if (Number.isNaN(actual)) return []
      const base = (name: TimeBase) => baseTimes(profiles, regression, name, kindIndex, draft, sizes)
      const at = index * timeKinds.length + kindIndex
      return [
        {
          kind,
          item,
          protocol,
          nearest,
          actual,
          neighbours: plain[at],
          scaled: scaled[at],
          bases: { operation: base('operation'), operation_resource: base('operation_resource'), regression: base('regression') },
        },
      ]
    }),
  )
}
