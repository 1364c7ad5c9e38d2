/** The parts of the report about what training decided, what it tried beside, and how all of this was measured. */
import type { QualityReport } from '../../../contract/quality'
import { barPlot } from '../../../domain/plot/bar-plot'
import { name, type Words, words } from '../../../domain/plot/svg'
import { count, figure, noData, number, paragraph, say, section, share, table } from './markup'
import { methodWords, protocolWords, timeWords } from './protocol-words'

const WEIGHTS = 10
const TRIALS = 8

export function weightSection({ chosen }: QualityReport): string {
  const title = words('Which attributes matter?', '어떤 속성이 중요한가?')
  if (chosen === null || chosen.weights.length === 0) return section(title, [`<p>${noData()}</p>`])
  const weights = chosen.weights.toSorted((a, b) => (b.importance ?? b.learned) - (a.importance ?? a.learned))
  const most = Math.max(1e-9, ...weights.flatMap(({ prior, learned }) => [prior, learned]))
  return section(title, [
    paragraph(
      words(
        'The weight of each attribute when items are compared: as the mapping gave it, and as training learned it. Importance: how much the agreement of similar items falls when the attribute is shuffled.',
        '품목을 비교할 때 각 속성의 가중치입니다: 매핑의 값과 학습한 값. 중요도는 그 속성을 뒤섞었을 때 유사품목의 일치가 떨어지는 정도입니다.',
      ),
    ),
    '<div class="pair">',
    figure('fig-weights', words('The ten most important attributes', '가장 중요한 속성 10개'), (id) =>
      barPlot(
        weights.slice(0, WEIGHTS).map((weight) => ({
          name: name(weight.name),
          isOwn: true,
          bars: [
            { label: words('given', '기준'), value: weight.prior, shown: number(weight.prior), isPlain: true },
            { label: words('learned', '학습'), value: weight.learned, shown: number(weight.learned) },
          ],
        })),
        most,
        id,
      ),
    ),
    table('tab-weights', words('All weights', '모든 가중치'), weights, [
      { title: words('attribute', '속성'), cell: (weight) => say(name(weight.name)) },
      { title: words('given', '기준'), cell: ({ prior }) => number(prior), isNumber: true },
      { title: words('learned', '학습'), cell: ({ learned }) => number(learned), isNumber: true },
      {
        title: words('importance', '중요도'),
        cell: ({ importance }) => (importance === null ? noData() : importance.toFixed(4)),
        isNumber: true,
      },
    ]),
    '</div>',
  ])
}

export function choiceSection({ chosen }: QualityReport): string {
  const title = words('What was tried, and what lost?', '무엇을 시도했고 무엇이 졌는가?')
  if (chosen === null) return section(title, [`<p>${noData()}</p>`])
  const { voteExponent, modelShare, habitShare, far, similarityMin } = chosen
  const isChosen = (trial: { voteExponent: number; modelShare: number }) =>
    trial.voteExponent === voteExponent && trial.modelShare === modelShare
  return section(title, [
    paragraph(
      words(
        `Neighbours vote with similarity^${voteExponent}; the learned model has ${number(100 * modelShare)} % of the say${far === null ? '' : `, ${number(100 * far.modelShare)} % where the nearest item is less than ${number(100 * far.below)} % similar`}; the plant's habits have ${number(100 * habitShare)} %. Below ${number(100 * similarityMin)} % similarity it holds the answer back.`,
        `유사품목은 유사도^${voteExponent}로 투표하고, 학습 모델의 비중은 ${number(100 * modelShare)} %${far === null ? '' : `(가장 가까운 품목이 ${number(100 * far.below)} % 미만이면 ${number(100 * far.modelShare)} %)`}, 관행의 비중은 ${number(100 * habitShare)} %입니다. 유사도 ${number(100 * similarityMin)} % 미만이면 답을 보류합니다.`,
      ),
    ),
    table(
      'tab-trials',
      words(
        `The best of ${chosen.trials.length} ways to rank, and the chosen one`,
        `순위 방식 ${chosen.trials.length}가지 중 상위와 선택된 방식`,
      ),
      chosen.trials.filter((trial, at) => at < TRIALS || isChosen(trial)),
      [
        { title: words('exponent', '지수'), cell: (trial) => `${trial.voteExponent}${isChosen(trial) ? ` ${mark()}` : ''}` },
        { title: words('model share', '모델 비중'), cell: (trial) => share(trial.modelShare, 0), isNumber: true },
        { title: name('EM@1'), cell: ({ em1 }) => share(em1), isNumber: true },
        { title: name('EM@5'), cell: ({ em5 }) => share(em5), isNumber: true },
      ],
    ),
    paragraph(
      words(
        'Ways that are nearly equal are settled for the more balanced one: one item is no reason to trust one side alone.',
        '거의 같은 방식들 중에서는 더 균형 잡힌 것을 고릅니다.',
      ),
    ),
    chosen.times.length === 0
      ? ''
      : table(
          'tab-methods',
          words('How times are estimated, by relative error on held-out steps', '시간 추정 방식(검증 상대 오차)'),
          chosen.times.flatMap(({ kind, method, error, lost }) => [
            { kind, method, error, isWinner: true },
            ...lost.slice(0, 3).map((loser) => ({ kind, ...loser, isWinner: false })),
          ]),
          [
            { title: words('time', '시간'), cell: ({ kind, isWinner }) => `${say(timeWords(kind))}${isWinner ? ` ${mark()}` : ''}` },
            { title: words('method', '방식'), cell: ({ method }) => say(methodWords(method)) },
            { title: words('error', '오차'), cell: ({ error }) => share(error), isNumber: true },
          ],
        ),
  ])
}

const mark = (): string => `<strong class="mark">${say(words('chosen', '선택'))}</strong>`

export function methodSection({ measured, protocols }: QualityReport): string {
  const facts: [Words, string][] = [
    [
      words('measured by', '측정'),
      say(
        measured.by === 'rehearsal'
          ? words('the held-out items of the training itself', '학습 과정의 검증 품목')
          : words('versions trained for this, without the items that were asked', '질의 품목을 빼고 따로 학습한 버전'),
      ),
    ],
    [words('mapping', '매핑'), say(name(measured.mapping))],
    [
      words('plant', '공장 자료'),
      say(
        words(
          `${count(measured.plantItems)} items, ${count(measured.plantRoutings)} routings`,
          `품목 ${count(measured.plantItems)}개, 라우팅 ${count(measured.plantRoutings)}개`,
        ),
      ),
    ],
    [words('held out by', '분리 기준'), say(protocolWords(measured.split))],
    [words('parts, seed', '분할 수, 시드'), `${measured.folds}, ${measured.seed}`],
    [
      words('cases', '건수'),
      protocols.length === 0
        ? noData()
        : protocols.map((protocol) => `${say(protocolWords(protocol.name))}: ${count(protocol.cases)}`).join('<br>'),
    ],
    [
      words('calibration', '신뢰도 검증'),
      `<span lang="en">${say(name(measured.calibration))}</span><span lang="ko">${calibrationInKorean(measured.by)}</span>`,
    ],
    [words('intervals', '구간'), say(words('the middle 95 % of 500 bootstrap resamples of the cases', '부트스트랩 500회의 가운데 95 %'))],
    [words('date', '일시'), measured.at === null ? noData() : say(name(measured.at))],
    [words('command', '명령'), measured.command === null ? noData() : `<code>${say(name(measured.command))}</code>`],
  ]
  return section(words('How was this measured?', '어떻게 측정했는가?'), [
    `<dl class="facts">${facts.map(([title, value]) => `<div><dt>${say(title)}</dt><dd>${value}</dd></div>`).join('')}</dl>`,
  ])
}

const calibrationInKorean = (by: QualityReport['measured']['by']): string =>
  by === 'rehearsal'
    ? '교차 검증: 각 부분의 순위, 신뢰도, 시간 방식은 나머지 부분에서만 학습합니다'
    : '질의한 품목은 학습에 쓰이지 않았습니다'
