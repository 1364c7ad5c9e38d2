/** Time profiles: computed by the native statistics at training, stored as columns, looked up while predicting. */
import { type ArrowFile, writeArrow } from '../artifacts/arrow-file'
import type { Steps } from '../domain/plant'
import { type TimeKind, type TimeStatistics, timeKinds } from '../domain/time-estimate'
import { groupSteps, type ProfileLevel, profileLevels, type TimeProfiles } from '../domain/time-profiles'
import { groupSamples } from '../engine/sample-groups'
import { summarizeStatistics } from './time-statistics'

/** Process group number per operation code: 0 for operations without a group, else from 1 in order of appearance. */
export function numberGroups(groups: string[]): Uint32Array {
  const numbers = new Map<string, number>()
  return Uint32Array.from(groups, (group) => {
    if (group === '') return 0
    if (!numbers.has(group)) numbers.set(group, numbers.size + 1)
    return numbers.get(group)!
  })
}

/** Summarises every kind of time at every level; one row per group that has a sample. */
export function writeTimeProfiles(steps: Steps, path: string): void {
  const operations = steps.operation.dictionary.length
  const rows: { kind: number; level: number; operation: number; resource: number; statistics: TimeStatistics }[] = []
  const groupings = groupSteps(steps.operation.codes, steps.resource.codes, operations, numberGroups(steps.operationGroups))
  timeKinds.forEach((kind: TimeKind, kindIndex) => {
    groupings.forEach((grouping, level) => {
      const { values, offsets } = groupSamples(grouping.of, steps[kind], grouping.count)
      if (values.length === 0) return
      const summaries = summarizeStatistics(values, offsets)
      for (let group = 0; group < grouping.count; group++) {
        const statistics = summaries[group]
        if (statistics === null) continue
        rows.push({ kind: kindIndex, level, operation: grouping.operation[group], resource: grouping.resource[group], statistics })
      }
    })
  })
  const column = (of: (row: (typeof rows)[number]) => number) => Float64Array.from(rows, of)
  writeArrow(path, {
    kind: Uint8Array.from(rows, (row) => row.kind),
    level: Uint8Array.from(rows, (row) => row.level),
    operation: Uint32Array.from(rows, (row) => row.operation),
    resource: Uint32Array.from(rows, (row) => row.resource),
    n: Uint32Array.from(rows, (row) => row.statistics.n),
    mean: column((row) => row.statistics.mean),
    sd: column((row) => row.statistics.sd),
    p10: column((row) => row.statistics.p10),
    p25: column((row) => row.statistics.p25),
    p50: column((row) => row.statistics.p50),
    p90: column((row) => row.statistics.p90),
  })
}

export function readTimeProfiles(file: ArrowFile, operationGroups: string[]): TimeProfiles {
  const hasQuartiles = file.names.includes('p25')
  const columns = {
    kind: file.numbers<Uint8Array>('kind'),
    level: file.numbers<Uint8Array>('level'),
    operation: file.numbers<Uint32Array>('operation'),
    resource: file.numbers<Uint32Array>('resource'),
    n: file.numbers<Uint32Array>('n'),
    mean: file.numbers<Float64Array>('mean'),
    sd: file.numbers<Float64Array>('sd'),
    p10: file.numbers<Float64Array>('p10'),
    p25: hasQuartiles ? file.numbers<Float64Array>('p25') : new Float64Array(file.rows).fill(Number.NaN),
    p50: file.numbers<Float64Array>('p50'),
    p90: file.numbers<Float64Array>('p90'),
  }
  const rowOf = new Map<number, number>()
  for (let row = 0; row < file.rows; row++) {
    rowOf.set(profileKey(columns.kind[row], columns.level[row], columns.operation[row], columns.resource[row]), row)
  }
  return {
    groupOf: numberGroups(operationGroups),
    hasQuartiles,
    at: (kind: number, level: ProfileLevel, operation: number, resource: number) => {
      const row = rowOf.get(profileKey(kind, profileLevels.indexOf(level), operation, resource))
      if (row === undefined) return null
      return {
        n: columns.n[row],
        mean: columns.mean[row],
        sd: columns.sd[row],
        p10: columns.p10[row],
        p25: columns.p25[row],
        p50: columns.p50[row],
        p90: columns.p90[row],
      }
    },
  }
}

const codes = 2 ** 24

/** One exact whole number of four: seven kinds of four levels, and codes of dictionaries, which have far fewer than 2^24 entries. */
const profileKey = (kind: number, level: number, operation: number, resource: number): number =>
  ((kind * 4 + level) * codes + operation) * codes + resource
