/** The part of the report about minutes: errors by kind of time, and estimates beside what was needed. */
import type { QualityReport } from '../../../contract/quality'
import { scatterPlot } from '../../../domain/plot/scatter-plot'
import { words } from '../../../domain/plot/svg'
import { count, figure, noData, number, paragraph, say, section, share, table } from './markup'
import { timeWords } from './protocol-words'

const PLOTS = 4

export function timeSection({ times }: QualityReport): string {
  const title = words('How good are the times?', '시간은 얼마나 정확한가?')
  if (times.length === 0) return section(title, [`<p>${noData()}</p>`])
  // a time that is always the same has nothing to be looked at
  const varied = times
    .filter(({ points, predicted }) => predicted.mdape !== 0 && new Set(points.map(([actual]) => actual)).size > 5)
    .slice(0, PLOTS)
  return section(title, [
    paragraph(
      words(
        'Minutes of held-out steps. The range p10 to p90 should hold 80 of 100. The plain median of the operation is what one would write without the product.',
        '검증용 공정의 분 단위 시간입니다. p10~p90 범위는 100건 중 80건을 포함해야 합니다. 공정별 단순 중앙값은 제품 없이 적을 값입니다.',
      ),
    ),
    table('tab-times', words('Errors by kind of time, minutes', '시간 종류별 오차(분)'), times, [
      { title: words('time', '시간'), cell: ({ kind }) => say(timeWords(kind)) },
      { title: words('steps', '공정 수'), cell: ({ predicted }) => count(predicted.samples), isNumber: true },
      { title: words('mean error', '평균 오차'), cell: ({ predicted }) => number(predicted.mae), isNumber: true },
      { title: words('… of the median', '… 중앙값'), cell: ({ median }) => number(median?.mae), isNumber: true },
      { title: words('middle error', '중앙 오차율'), cell: ({ predicted }) => share(predicted.mdape), isNumber: true },
      { title: words('… of the median', '… 중앙값'), cell: ({ median }) => share(median?.mdape), isNumber: true },
      { title: words('bias', '편향'), cell: ({ predicted }) => number(predicted.bias), isNumber: true },
      { title: words('range holds', '범위 포함'), cell: ({ predicted }) => share(predicted.coverage80), isNumber: true },
      {
        title: words('pinball 10/50/90', '핀볼 10/50/90'),
        cell: ({ predicted: { pinball } }) => `${number(pinball.p10)} / ${number(pinball.p50)} / ${number(pinball.p90)}`,
        isNumber: true,
      },
    ]),
    '<div class="pair">',
    ...varied.map(({ kind, points }) => {
      const { en, ko } = timeWords(kind)
      return figure(
        `fig-time-${kind}`,
        words(
          `${en}: each point a step, its line the range; on the dashed line the estimate is exact`,
          `${ko}: 점은 공정, 선은 범위, 점선 위는 정확한 추정`,
        ),
        (id) => scatterPlot(points, { xTitle: words('actual minutes', '실제(분)'), yTitle: words('estimated minutes', '추정(분)') }, id),
      )
    }),
    '</div>',
  ])
}
