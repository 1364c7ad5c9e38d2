/** Does a confidence of 0.8 mean right in 80 of 100 cases? */
import type { ReliabilityBin } from '../../contract/quality'

export interface CalibrationScores {
  /** Expected calibration error: mean |confidence − accuracy| over ten bins, weighted by their counts. */
  ece: number
  bins: ReliabilityBin[]
}

export function scoreCalibration(cases: { confidence: number; right: boolean }[]): CalibrationScores {
  const bins = Array.from({ length: 10 }, (_, index) => ({ from: index / 10, to: (index + 1) / 10, count: 0, confidence: 0, accuracy: 0 }))
  for (const { confidence, right } of cases) {
    const bin = bins[Math.min(9, Math.floor(confidence * 10))]
    bin.count++
    bin.confidence += confidence
    if (right) bin.accuracy++
  }
  const used = bins.filter((bin) => bin.count > 0)
  for (const bin of used) {
    bin.confidence /= bin.count
    bin.accuracy /= bin.count
  }
  const ece = used.reduce((sum, bin) => sum + (bin.count / Math.max(1, cases.length)) * Math.abs(bin.confidence - bin.accuracy), 0)
  return { ece, bins: used }
}
