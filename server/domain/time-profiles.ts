/** Time statistics of the whole plant by group, from narrow to wide: operation × resource → operation → process group → all. */
import type { TimeLevel } from '../contract/time-estimate'
import { type LevelStatistics, SAMPLES_MIN, type TimeStatistics } from './time-estimate'

export type ProfileLevel = Exclude<TimeLevel, 'neighbours'>
export const profileLevels: ProfileLevel[] = ['operation_resource', 'operation', 'process_group', 'all']

/** Which group each step belongs to, per level; groups are numbered from 0 within a level. */
export interface StepGroups {
  level: ProfileLevel
  /** Group of each step. */
  of: Uint32Array
  count: number
  /** Keys of the groups: operation and resource code, or 0 where the level does not use one. */
  operation: Uint32Array
  resource: Uint32Array
}

/** Groups all steps at each level. @param groupOf process group number of each operation code, 0 for none */
export function groupSteps(operation: Uint32Array, resource: Uint32Array, operations: number, groupOf: Uint32Array): StepGroups[] {
  const byPair = groupBy(operation.length, (step) => resource[step] * operations + operation[step])
  const first = byPair.first
  const byOperation = groupBy(operation.length, (step) => operation[step])
  const byGroup = groupBy(operation.length, (step) => groupOf[operation[step]])
  const pick = (rows: number[], from: Uint32Array) => Uint32Array.from(rows, (row) => from[row])
  return [
    { level: 'operation_resource', of: byPair.of, count: first.length, operation: pick(first, operation), resource: pick(first, resource) },
    {
      level: 'operation',
      of: byOperation.of,
      count: byOperation.first.length,
      operation: pick(byOperation.first, operation),
      resource: new Uint32Array(byOperation.first.length),
    },
    {
      level: 'process_group',
      of: byGroup.of,
      count: byGroup.first.length,
      operation: Uint32Array.from(byGroup.first, (row) => groupOf[operation[row]]),
      resource: new Uint32Array(byGroup.first.length),
    },
    {
      level: 'all',
      of: new Uint32Array(operation.length),
      count: operation.length > 0 ? 1 : 0,
      operation: new Uint32Array(1),
      resource: new Uint32Array(1),
    },
  ]
}

function groupBy(rows: number, keyOf: (row: number) => number): { of: Uint32Array; first: number[] } {
  const of = new Uint32Array(rows)
  const groups = new Map<number, number>()
  const first: number[] = []
  for (let row = 0; row < rows; row++) {
    const key = keyOf(row)
    let group = groups.get(key)
    if (group === undefined) {
      group = first.length
      groups.set(key, group)
      first.push(row)
    }
    of[row] = group
  }
  return { of, first }
}

/** Look-up of a version's profiles. */
export interface TimeProfiles {
  /** Statistics of one kind at one level, or null when the group has no sample. `kind` indexes `timeKinds`. */
  at(kind: number, level: ProfileLevel, operation: number, resource: number): TimeStatistics | null
  /** False for versions from before p25 was kept. */
  hasQuartiles: boolean
  groupOf: Uint32Array
}

/**
 * The narrowest level with enough samples, else the narrowest with any; null without any sample. All operations together are only
 * asked where the operation itself was never timed: one time of drilling says more about drilling than a thousand of packing.
 */
export function findProfile(profiles: TimeProfiles, kind: number, operation: number, resource: number): LevelStatistics | null {
  let few: LevelStatistics | null = null
  for (const level of profileLevels) {
    if (level === 'process_group' && profiles.groupOf[operation] === 0) continue
    if (level === 'all' && few !== null) return few
    const key = level === 'process_group' ? profiles.groupOf[operation] : level === 'all' ? 0 : operation
    const statistics = profiles.at(kind, level, key, level === 'operation_resource' ? resource : 0)
    if (statistics === null || statistics.n === 0) continue
    if (statistics.n >= SAMPLES_MIN) return { statistics, level, method: 'profile' }
    few ??= { statistics, level, method: 'profile' }
  }
  return few
}
