/** Two versions side by side as a table for a terminal. */
import type { QualityComparison } from '../contract/quality'
import { formatTable } from './table'

const shown = (value: number | null): string => (value === null ? '-' : String(Number(value.toPrecision(4))))

export function comparisonText({ a, b, verdict, reasons, figures }: QualityComparison): string {
  const table = formatTable(figures, [
    { title: 'Figure', cell: ({ name }) => name },
    { title: a, cell: (figure) => shown(figure.a), align: 'right' },
    { title: b, cell: (figure) => shown(figure.b), align: 'right' },
    { title: 'Better', cell: ({ better }) => (better === null ? '' : better === 'a' ? a : b) },
  ])
  const verdicts = {
    worse: `${a} is clearly worse than ${b}: ${reasons.join('; ')}.`,
    'not worse': `${a} is not clearly worse than ${b}.`,
    unknown: `There are no held-out figures of both: nothing is said of which is better.`,
  } satisfies Record<QualityComparison['verdict'], string>
  return figures.length === 0 ? verdicts[verdict] : `${table}\n\n${verdicts[verdict]}`
}
