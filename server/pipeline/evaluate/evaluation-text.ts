/** An evaluation as a table for a terminal of 100 columns. */
import type { ProtocolQuality, TimeQuality } from '../../contract/quality'
import type { EvaluationReport } from './evaluate-source'

const share = (value: number | null): string => (value === null ? '-' : value.toFixed(3))
const row = (cells: string[], widths: number[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join('  ')

const hardshipText = ({ blank, unseen }: EvaluationReport['protocol']['hardship']): string =>
  `${blank > 0 ? ` ${Math.round(100 * blank)} % of the attributes blanked,` : ''}${unseen ? ' one unseen value,' : ''}`

export function evaluationText(evaluation: EvaluationReport): string {
  const { protocol, sequences, report } = evaluation
  const widths = [40, 6, 6, 6, 6, 6, 6, 6]
  const lines = [
    `${evaluation.mapping}: ${evaluation.items} held-out items of ${protocol.plantItems}, split by ${protocol.split},${hardshipText(protocol.hardship)} ${protocol.folds} part(s), seed ${protocol.seed}; ${evaluation.seconds} s`,
    '',
    row(['', 'EM@1', 'EM@3', 'EM@5', 'MRR', 'Lev', 'setF1', 'cov@5'], widths),
    ...[{ name: 'routewright', ...sequences }, ...evaluation.baselines].map((scores) =>
      row(
        [scores.name, ...[scores.em1, scores.em3, scores.em5, scores.mrr, scores.levenshtein, scores.setF1, scores.coverage5].map(share)],
        widths,
      ),
    ),
  ]
  if (evaluation.resources !== null) {
    const { first, offered, steps } = evaluation.resources
    lines.push('', `resources: first ${share(first)}, offered ${share(offered)} of ${steps} aligned steps`)
  }
  for (const times of report.times) lines.push(...timeLines(times))
  lines.push(
    `EM@1 95 % interval ${evaluation.intervals.em1.map(share).join(' to ')}; order errors ${share(evaluation.orderErrors)}${evaluation.resourceLevenshtein === null ? '' : `; Lev on (operation, resource) ${share(evaluation.resourceLevenshtein)}`}`,
    ...confidenceLines(report.protocols[0]),
    `recall against exact search: ${Object.entries(evaluation.recall)
      .map(([name, value]) => `${name} ${share(value)}`)
      .join(', ')}`,
  )
  if (report.retrieval !== null && report.retrieval.curve.length > 0) {
    const of = (name: 'recall10' | 'recall50') => report.retrieval!.curve.map((point) => `${point.ef}: ${share(point[name])}`).join(', ')
    lines.push(`recall@10 by ef: ${of('recall10')}`, `recall@50 by ef: ${of('recall50')}`)
  }
  if (report.protocols.length > 1) lines.push('', ...decayLines(report.protocols))
  return `${lines.join('\n')}\n`
}

function timeLines({ kind, predicted, median }: TimeQuality): string[] {
  const against = median === null ? '' : `; plain median of the operation: MAE ${median.mae.toFixed(2)}, MdAPE ${share(median.mdape)}`
  const { p10, p50, p90 } = predicted.pinball
  return [
    `${kind}: MAE ${predicted.mae.toFixed(2)} min, MdAPE ${share(predicted.mdape)}, bias ${predicted.bias.toFixed(2)}, p10–p90 holds ${share(predicted.coverage80)} of ${predicted.samples}${against}`,
    `  pinball loss p10 ${p10.toFixed(3)}, p50 ${p50.toFixed(3)}, p90 ${p90.toFixed(3)} min`,
  ]
}

function confidenceLines({ confidence, calibration, abstention }: ProtocolQuality): string[] {
  const { rate, em1Answered, em1Abstained } = abstention
  return [
    `confidence: mean ${share(confidence)}, calibration error ${share(calibration.ece)}, abstained ${share(rate)} (EM@1 of the answered ${share(em1Answered)}, of the abstained ${share(em1Abstained)})`,
    ...calibration.bins.map(
      ({ from, to, count, confidence: said, accuracy }) =>
        `  said ${from.toFixed(1)} to ${to.toFixed(1)}: ${String(count).padStart(6)} answers, mean ${share(said)}, right ${share(accuracy)}`,
    ),
  ]
}

function decayLines(protocols: ProtocolQuality[]): string[] {
  const widths = [32, 6, 6, 15, 6, 6, 6, 6, 7]
  return [
    row(['asked with', 'cases', 'EM@1', '95 %', 'EM@5', 'Lev', 'sure', 'ECE', 'abstain'], widths),
    ...protocols.map(({ name, cases, em1, em5, levenshtein, confidence, calibration, intervals, abstention }) =>
      row(
        [
          name,
          String(cases),
          share(em1),
          `${share(intervals.em1[0])}–${share(intervals.em1[1])}`,
          ...[em5, levenshtein, confidence, calibration.ece, abstention.rate].map(share),
        ],
        widths,
      ),
    ),
  ]
}
