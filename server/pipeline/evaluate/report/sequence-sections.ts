/** The parts of the report about routings: confidence, the first candidates beside the baselines, and what missing attributes cost. */
import type { ProtocolQuality, QualityReport } from '../../../contract/quality'
import { barPlot } from '../../../domain/plot/bar-plot'
import { linePlot } from '../../../domain/plot/line-plot'
import { reliabilityPlot } from '../../../domain/plot/reliability-plot'
import { name, percent, words } from '../../../domain/plot/svg'
import { count, figure, noData, number, paragraph, say, section, share, table } from './markup'
import { baselineWords, protocolWords } from './protocol-words'

export function confidenceSection({ protocols: [plain] }: QualityReport): string {
  const title = words('Is it as sure as it should be?', '신뢰도는 믿을 만한가?')
  if (plain === undefined) return section(title, [`<p>${noData()}</p>`])
  const { rate, answered, abstained, em1Answered, em1Abstained } = plain.abstention
  return section(title, [
    paragraph(
      words(
        'On the dashed line, what it says and what happens are the same. Below it, it is too sure; above, too careful.',
        '점선 위의 점은 제시한 신뢰도와 실제 결과가 같다는 뜻입니다. 점선 아래는 과신, 위는 과소평가입니다.',
      ),
    ),
    '<div class="pair">',
    figure(
      'fig-reliability',
      words('Reliability: larger circles stand for more answers', '신뢰도 도표: 원이 클수록 답변이 많습니다'),
      (id) => reliabilityPlot(plain.calibration.bins, id),
    ),
    table('tab-reliability', words('Answers by how sure they were', '신뢰도 구간별 답변'), plain.calibration.bins, [
      { title: words('said', '제시'), cell: ({ from, to }) => `${Math.round(100 * from)}–${percent(to)}` },
      { title: words('answers', '답변 수'), cell: (bin) => count(bin.count), isNumber: true },
      { title: words('mean', '평균'), cell: ({ confidence }) => share(confidence), isNumber: true },
      { title: words('right', '맞음'), cell: ({ accuracy }) => share(accuracy), isNumber: true },
    ]),
    '</div>',
    table(
      'tab-abstention',
      words('Answers held back because nothing near is known', '가까운 유사품목이 없어 판정을 보류한 답변'),
      [
        { label: words('answered', '답변함'), cases: answered, of: 1 - rate, right: em1Answered },
        { label: words('held back', '보류함'), cases: abstained, of: rate, right: em1Abstained },
      ],
      [
        { title: words('answer', '답변'), cell: ({ label }) => say(label) },
        { title: words('cases', '건수'), cell: ({ cases }) => count(cases), isNumber: true },
        { title: words('share', '비율'), cell: ({ of }) => share(of), isNumber: true },
        { title: words('first draft right', '첫 초안 일치'), cell: ({ right }) => share(right), isNumber: true },
      ],
    ),
  ])
}

export function sequenceSection({ protocols: [plain] }: QualityReport): string {
  const title = words('How good are the first drafts?', '초안은 얼마나 정확한가?')
  if (plain === undefined) return section(title, [`<p>${noData()}</p>`])
  const rows = [
    { label: name('Routewright'), isOwn: true, scores: plain, intervals: plain.intervals as ProtocolQuality['intervals'] | null },
  ].concat(
    plain.baselines.map((baseline) => ({
      label: baselineWords(baseline.name),
      isOwn: false,
      scores: { ...plain, ...baseline },
      intervals: null,
    })),
  )
  const measures = [
    { key: 'em1', label: name('EM@1') },
    { key: 'em3', label: name('EM@3') },
    { key: 'em5', label: name('EM@5') },
  ] as const
  return section(title, [
    paragraph(
      words(
        'A draft counts as right when its operations equal one of the accepted routings, all of them, in order. The other bars are what one would answer without the product.',
        '초안의 공정이 순서까지 실제 라우팅 중 하나와 모두 같아야 맞은 것으로 셉니다. 나머지 막대는 제품 없이 답할 때의 결과입니다.',
      ),
    ),
    figure(
      'fig-sequences',
      words('Right among the first 1, 3 and 5 candidates; the whiskers hold 95 %', '상위 1, 3, 5개 후보 안의 정답률, 수염은 95 % 구간'),
      (id) =>
        barPlot(
          rows.map(({ label, isOwn, scores, intervals }) => ({
            name: label,
            isOwn,
            bars: measures.map(({ key, label: measure }) => ({
              label: measure,
              value: scores[key],
              shown: `${(100 * scores[key]).toFixed(1)} %`,
              interval: key === 'em3' ? undefined : intervals?.[key],
            })),
          })),
          1,
          id,
        ),
    ),
    table('tab-sequences', words('All figures on the same items', '같은 품목에 대한 모든 수치'), rows, [
      { title: words('answered by', '답변'), cell: ({ label }) => say(label) },
      { title: name('EM@1'), cell: ({ scores }) => share(scores.em1), isNumber: true },
      { title: name('EM@3'), cell: ({ scores }) => share(scores.em3), isNumber: true },
      { title: name('EM@5'), cell: ({ scores }) => share(scores.em5), isNumber: true },
      { title: words('coverage@5', '포함률@5'), cell: ({ scores }) => share(scores.coverage5), isNumber: true },
      { title: name('MRR'), cell: ({ scores }) => number(scores.mrr), isNumber: true },
      { title: name('Levenshtein'), cell: ({ scores }) => share(scores.levenshtein), isNumber: true },
      {
        title: words('with resources', '설비 포함'),
        cell: ({ scores, isOwn }) => (isOwn ? share(scores.resourceLevenshtein) : ''),
        isNumber: true,
      },
      { title: name('F1'), cell: ({ scores }) => share(scores.setF1), isNumber: true },
      { title: words('order errors', '순서 오류'), cell: ({ scores }) => share(scores.orderErrors), isNumber: true },
    ]),
  ])
}

export function decaySection({ protocols }: QualityReport): string {
  const title = words('What do missing attributes and unseen families cost?', '속성이 빠지거나 처음 보는 품목이면?')
  if (protocols.length === 0) return section(title, [`<p>${noData()}</p>`])
  // the sum of the blanked stands beside its parts in the table, not in the line
  const decayed = protocols.filter(({ blanked, name: label }, at) => at === 0 || (blanked > 0 && label !== 'blanked'))
  const line = decayed.toSorted((a, b) => a.blanked - b.blanked)
  const series = (of: (protocol: ProtocolQuality) => number) => line.map((protocol) => ({ x: protocol.blanked, y: of(protocol) }))
  const shares = [0, 0.2, 0.4, 0.6, 0.8, 1].map((value) => ({ value, label: percent(value) }))
  return section(title, [
    figure(
      'fig-decay',
      words('With fewer attributes known, confidence must fall as quality does', '속성이 줄면 정확도와 함께 신뢰도도 낮아져야 합니다'),
      (id) =>
        line.length < 2
          ? null
          : linePlot(
              {
                series: [
                  { name: words('first draft right (EM@1)', '첫 초안 일치 (EM@1)'), points: series(({ em1 }) => em1) },
                  { name: words('mean confidence', '평균 신뢰도'), points: series(({ confidence }) => confidence) },
                  { name: words('among the first five (EM@5)', '상위 5개 안 (EM@5)'), points: series(({ em5 }) => em5) },
                ],
                x: { title: words('share of the attributes left out', '누락된 속성 비율'), ticks: shares.slice(0, 5) },
                y: { title: words('share', '비율'), from: 0, to: 1, ticks: shares },
              },
              id,
            ),
    ),
    table('tab-decay', words('Asked in harder ways', '더 어려운 조건'), protocols, [
      { title: words('asked for', '조건'), cell: (protocol) => say(protocolWords(protocol.name)) },
      { title: words('cases', '건수'), cell: ({ cases }) => count(cases), isNumber: true },
      { title: words('left out', '누락'), cell: ({ blanked }) => share(blanked, 0), isNumber: true },
      { title: name('EM@1'), cell: ({ em1 }) => share(em1), isNumber: true },
      {
        title: name('95 %'),
        cell: ({ intervals }) => `${(100 * intervals.em1[0]).toFixed(1)}–${(100 * intervals.em1[1]).toFixed(1)}`,
        isNumber: true,
      },
      { title: name('EM@5'), cell: ({ em5 }) => share(em5), isNumber: true },
      { title: name('Levenshtein'), cell: ({ levenshtein }) => share(levenshtein), isNumber: true },
      { title: words('confidence', '신뢰도'), cell: ({ confidence }) => share(confidence), isNumber: true },
      { title: name('ECE'), cell: ({ calibration }) => calibration.ece.toFixed(3), isNumber: true },
      { title: words('held back', '보류'), cell: ({ abstention }) => share(abstention.rate), isNumber: true },
    ]),
  ])
}
