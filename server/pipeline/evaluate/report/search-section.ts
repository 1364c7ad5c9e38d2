/** The part of the report about the search: how many of the truly nearest items it finds, by how wide it looks. */
import type { QualityReport, RetrievalQuality } from '../../../contract/quality'
import { linePlot } from '../../../domain/plot/line-plot'
import { words } from '../../../domain/plot/svg'
import { count, figure, noData, number, section, share, table } from './markup'

type Point = RetrievalQuality['curve'][number]

export function searchSection({ retrieval }: QualityReport): string {
  const title = words('Does the search find what is near?', '유사품목을 빠짐없이 찾는가?')
  if (retrieval === null || retrieval.curve.length === 0) return section(title, [`<p>${noData()}</p>`])
  const { curve, queries } = retrieval
  const worst = Math.min(...curve.flatMap(({ recall10, recall50 }) => [recall10, recall50]))
  const from = Math.min(0.95, Math.floor(20 * worst) / 20)
  const step = (1 - from) / 5
  return section(title, [
    '<div class="pair">',
    figure('fig-recall', words('Share of the truly nearest that is found', '실제로 가장 가까운 품목 중 찾은 비율'), (id) =>
      linePlot(
        {
          series: [
            { name: words('the nearest 10', '상위 10개'), points: curve.map(({ ef, recall10 }) => ({ x: ef, y: recall10 })) },
            { name: words('the nearest 50', '상위 50개'), points: curve.map(({ ef, recall50 }) => ({ x: ef, y: recall50 })) },
          ],
          x: {
            title: words('ef: how wide the search looks', 'ef: 탐색 폭'),
            ticks: curve.filter(({ ef }) => Number.isInteger(Math.log2(ef))).map(({ ef }) => ({ value: ef, label: String(ef) })),
            isLog: true,
          },
          y: {
            title: words('found', '찾은 비율'),
            from,
            to: 1,
            ticks: [0, 1, 2, 3, 4, 5].map((at) => ({ value: from + at * step, label: `${number(100 * (from + at * step))} %` })),
          },
        },
        id,
      ),
    ),
    table('tab-recall', words(`By width of the search, ${count(queries)} questions`, `탐색 폭별, 질의 ${count(queries)}건`), curve, [
      { title: words('ef', 'ef'), cell: ({ ef }) => String(ef) },
      { title: words('nearest 10', '상위 10개'), cell: ({ recall10 }) => share(recall10, 2), isNumber: true },
      { title: words('nearest 50', '상위 50개'), cell: ({ recall50 }) => share(recall50, 2), isNumber: true },
      // older versions were measured without a bound
      ...(curve.every(({ low10, low50 }) => low10 !== undefined && low50 !== undefined)
        ? [
            {
              title: words('at least, of 10 (95 %)', '상위 10개 하한 (95 %)'),
              cell: ({ low10 }: Point) => share(low10!, 2),
              isNumber: true,
            },
            {
              title: words('at least, of 50 (95 %)', '상위 50개 하한 (95 %)'),
              cell: ({ low50 }: Point) => share(low50!, 2),
              isNumber: true,
            },
          ]
        : []),
    ]),
    '</div>',
  ])
}
