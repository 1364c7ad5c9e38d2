/** A quality report as the few numbers of the registry's table, and as figures to set beside those of another version. */
import type { QualityReport } from '../../contract/quality'
import type { Quality } from '../../contract/version'

/** Numbers that were not measured are absent. */
export function flatQuality({ protocols, times, retrieval }: QualityReport): Quality {
  const [plain] = protocols
  const run = times.find(({ kind }) => kind === 'run') ?? times.find(({ kind }) => kind === 'actualRun')
  const figures: Record<string, number | null | undefined> = {
    heldOutItems: plain?.items ?? 0,
    em1: plain?.em1,
    em5: plain?.em5,
    levenshtein: plain?.levenshtein,
    ece: plain?.calibration.ece,
    runMdape: run?.predicted.mdape,
    runCoverage: run?.predicted.coverage80,
    recall10: retrieval?.presets['standard@10'],
  }
  return Object.fromEntries(Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === 'number'))
}

/** Every number to six significant digits: more are noise, and a share of 1.0000000000000002 is no share. */
export function roundedReport(report: QualityReport): QualityReport {
  const round = (value: unknown): unknown => {
    if (typeof value === 'number') return Number(value.toPrecision(6))
    if (Array.isArray(value)) return value.map(round)
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, of]) => [key, round(of)]))
    return value
  }
  // the shape stays as it is: only numbers change
  return round(report) as QualityReport
}
