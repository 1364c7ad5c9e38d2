/** An evaluation as a table for a terminal of 100 columns. */
import type { EvaluationReport } from './evaluate-source'

const share = (value: number): string => value.toFixed(3)
const row = (cells: string[], widths: number[]): string =>
  cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index]))).join('  ')

const hardshipText = ({ blank, unseen }: EvaluationReport['protocol']['hardship']): string =>
  `${blank > 0 ? ` ${Math.round(100 * blank)} % of the attributes blanked,` : ''}${unseen ? ' one unseen value,' : ''}`

export function evaluationText(report: EvaluationReport): string {
  const { protocol, sequences } = report
  const widths = [40, 6, 6, 6, 6, 6, 6, 6]
  const lines = [
    `${report.mapping}: ${report.items} held-out items of ${protocol.plantItems}, split by ${protocol.split},${hardshipText(protocol.hardship)} ${protocol.folds} part(s), seed ${protocol.seed}; ${report.seconds} s`,
    '',
    row(['', 'EM@1', 'EM@3', 'EM@5', 'MRR', 'Lev', 'setF1', 'cover'], widths),
    ...[{ name: 'routewright', ...sequences }, ...report.baselines].map((scores) =>
      row(
        [scores.name, ...[scores.em1, scores.em3, scores.em5, scores.mrr, scores.levenshtein, scores.setF1, scores.coverage].map(share)],
        widths,
      ),
    ),
  ]
  if (report.resources !== null) {
    const { first, offered, steps } = report.resources
    lines.push('', `resources: first ${share(first)}, offered ${share(offered)} of ${steps} aligned steps`)
  }
  for (const kind of ['setup', 'run'] as const) {
    const times = report.times[kind]
    if (times === null) continue
    const { predicted, median } = times
    const against = median === null ? '' : `; plain median of the operation: MAE ${median.mae.toFixed(2)}, MdAPE ${share(median.mdape)}`
    lines.push(
      `${kind}: MAE ${predicted.mae.toFixed(2)} min, MdAPE ${share(predicted.mdape)}, bias ${predicted.bias.toFixed(2)}, p10–p90 holds ${share(predicted.coverage80)} of ${predicted.samples}${against}`,
    )
  }
  lines.push(
    `EM@1 95 % interval ${report.intervals.em1.map(share).join(' to ')}; order errors ${share(report.orderErrors)}${report.resourceLevenshtein === null ? '' : `; Lev on (operation, resource) ${share(report.resourceLevenshtein)}`}`,
    `confidence: mean ${share(report.confidence)}, calibration error ${share(report.calibration.ece)}, abstained ${share(report.abstained)}`,
    `recall against exact search: ${Object.entries(report.recall)
      .map(([name, value]) => `${name} ${share(value)}`)
      .join(', ')}`,
  )
  return `${lines.join('\n')}\n`
}
