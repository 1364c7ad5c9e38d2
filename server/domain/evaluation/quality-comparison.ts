/** Two versions side by side, and whether one is clearly worse: beyond what another draw of held-out items would have done. */
import type { QualityComparison, QualityDifference, QualityReport } from '../../contract/quality'

/** Below this recall the nearest items are missed too often for an answer that rests on them. */
export const RECALL_MIN = 0.9

interface Side {
  version: string
  /** Null for versions without a report. */
  report: QualityReport | null
}

/** @returns verdict on `a`: `worse` with reasons, `unknown` when one side has no report or nothing was held out */
export function compareQuality(a: Side, b: Side): QualityComparison {
  const reasons: string[] = []
  const [mine, other] = [a.report?.protocols[0], b.report?.protocols[0]]
  const recall = a.report?.retrieval?.presets['standard@10']
  if (recall !== undefined && recall < RECALL_MIN) {
    reasons.push(`recall@10 of its search is ${recall.toFixed(3)}, below ${RECALL_MIN}`)
  }
  if (mine !== undefined && other !== undefined) {
    for (const [name, key] of [
      ['EM@1', 'em1'],
      ['EM@5', 'em5'],
      ['Levenshtein similarity', 'levenshtein'],
    ] as const) {
      const [low, high] = [other.intervals[key][0], mine.intervals[key][1]]
      if (mine.cases > 0 && other.cases > 0 && high < low) {
        reasons.push(
          `${name} is ${mine[key].toFixed(3)} (at most ${high.toFixed(3)}) against ${other[key].toFixed(3)} (at least ${low.toFixed(3)})`,
        )
      }
    }
  }
  const isMeasured = mine !== undefined && other !== undefined && mine.cases > 0 && other.cases > 0
  return {
    a: a.version,
    b: b.version,
    verdict: reasons.length > 0 ? 'worse' : isMeasured ? 'not worse' : 'unknown',
    reasons,
    figures: compareFigures(a.report, b.report),
  }
}

interface Figure {
  name: string
  value: number | null
  /** Whether more is better; null where neither is. */
  more: boolean | null
}

function compareFigures(a: QualityReport | null, b: QualityReport | null): QualityDifference[] {
  const [mine, other] = [figuresOf(a), figuresOf(b)]
  const names = [...new Set([...mine, ...other].map(({ name }) => name))]
  return names.slice(0, 60).map((name) => {
    const [left, right] = [mine, other].map((figures) => figures.find((figure) => figure.name === name))
    const [x, y, more] = [left?.value ?? null, right?.value ?? null, (left ?? right)!.more]
    const better = x === null || y === null || x === y || more === null ? null : x > y === more ? 'a' : 'b'
    return { name, a: x, b: y, better }
  })
}

function figuresOf(report: QualityReport | null): Figure[] {
  if (report === null) return []
  const { protocols, times, retrieval } = report
  return [
    ...protocols.slice(0, 4).flatMap((protocol): Figure[] => [
      { name: `${protocol.name}: cases`, value: protocol.cases, more: null },
      { name: `${protocol.name}: EM@1`, value: protocol.em1, more: true },
      { name: `${protocol.name}: EM@5`, value: protocol.em5, more: true },
      { name: `${protocol.name}: coverage@5`, value: protocol.coverage5, more: true },
      { name: `${protocol.name}: Levenshtein`, value: protocol.levenshtein, more: true },
      { name: `${protocol.name}: calibration error`, value: protocol.calibration.ece, more: false },
      { name: `${protocol.name}: abstained`, value: protocol.abstention.rate, more: null },
    ]),
    ...times.slice(0, 7).flatMap(({ kind, predicted }): Figure[] => [
      { name: `${kind}: MAE, min`, value: predicted.mae, more: false },
      { name: `${kind}: MdAPE`, value: predicted.mdape, more: false },
      { name: `${kind}: p10 to p90 holds`, value: predicted.coverage80, more: null },
    ]),
    ...Object.entries(retrieval?.presets ?? {}).map(([name, value]): Figure => ({ name: `recall ${name}`, value, more: true })),
  ].slice(0, 60)
}
