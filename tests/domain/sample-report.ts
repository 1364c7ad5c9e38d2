/** Quality reports of known figures. */
import { QUALITY_SCHEMA, type QualityReport } from '../../server/contract/quality'
import { roundedReport } from '../../server/domain/evaluation/flat-quality'
import { type ScoredCase, scoreProtocol } from '../../server/domain/evaluation/protocol-quality'
import { seededRandom } from '../../server/domain/random'

/** One question whose routing is cut, drill. */
export const asked = (item: number, isRight: boolean, changes: Partial<ScoredCase> = {}): ScoredCase => ({
  item,
  candidates: isRight ? [['cut', 'drill']] : [['cut'], ['cut', 'drill']],
  accepted: [['cut', 'drill']],
  confidence: isRight ? 0.9 : 0.6,
  abstained: false,
  blanked: 0,
  resourceSimilarity: null,
  baselines: [{ name: 'most frequent', candidates: [['cut']] }],
  ...changes,
})

/** Of so many cases so many right, through the real metrics. */
export function report(right: number, cases = 100, changes: Partial<QualityReport> = {}): QualityReport {
  const protocol = scoreProtocol(
    'item',
    Array.from({ length: cases }, (_, at) => asked(at, at < right)),
    seededRandom(1),
  )
  return roundedReport({
    schema: QUALITY_SCHEMA,
    measured: {
      by: 'rehearsal',
      mapping: 'plant',
      command: null,
      at: null,
      seed: 1,
      plantItems: 500,
      plantRoutings: 520,
      split: 'item',
      folds: 5,
      calibration: 'cross-fitted',
    },
    protocols: cases === 0 ? [] : [protocol],
    times: [],
    retrieval: { queries: 10, curve: [], presets: { 'standard@10': 0.99 } },
    chosen: null,
    ...changes,
  })
}
