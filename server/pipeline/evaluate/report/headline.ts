/** What one remembers of the report: a sentence a figure, then the figures. */
import type { ProtocolQuality, QualityReport, ReliabilityBin } from '../../../contract/quality'
import { type Words, words } from '../../../domain/plot/svg'
import { noData, say, share } from './markup'

const of100 = (value: number): number => Math.round(100 * value)

/** The surest answers of which there are enough to speak of. */
export function surestBin({ calibration, cases }: ProtocolQuality): ReliabilityBin | null {
  return calibration.bins.toReversed().find(({ count }) => count >= Math.max(5, 0.05 * cases)) ?? null
}

export function sentences({ protocols, times }: QualityReport): Words[] {
  const [plain] = protocols
  const found: Words[] = []
  if (plain === undefined) {
    found.push(
      words('Too few items have a routing: nothing was held out, nothing is said.', '라우팅이 있는 품목이 너무 적어 검증하지 못했습니다.'),
    )
  } else {
    const [em1, em5] = [of100(plain.em1), of100(plain.em5)]
    found.push(
      words(`Of 100 new items, ${em1} drafts need no edit.`, `신규 품목 100건 중 ${em1}건은 초안을 고칠 필요가 없습니다.`),
      words(
        `In ${em5} of 100 an accepted routing is among the first five.`,
        `100건 중 ${em5}건은 상위 5개 후보 안에 실제 라우팅이 있습니다.`,
      ),
    )
    const bin = surestBin(plain)
    if (bin !== null) {
      const [said, right] = [of100(bin.confidence), of100(bin.accuracy)]
      found.push(
        words(`When it says ${said} % sure, it is right in ${right} %.`, `신뢰도를 ${said} %라고 하면 실제로 ${right} %가 맞습니다.`),
      )
    }
  }
  const run = times.find(({ kind }) => kind === 'run') ?? times.find(({ kind }) => kind === 'actualRun')
  if (run !== undefined && run.predicted.mdape !== null) {
    const [error, holds] = [of100(run.predicted.mdape), of100(run.predicted.coverage80)]
    found.push(
      words(
        `Half of the run times are estimated to within ${error} %; the range shown holds ${holds} of 100.`,
        `가공 시간의 절반은 오차 ${error} % 이내이며, 제시한 범위는 100건 중 ${holds}건을 포함합니다.`,
      ),
    )
  }
  return found
}

export function headline(report: QualityReport): string {
  const [plain] = report.protocols
  const run = report.times.find(({ kind }) => kind === 'run') ?? report.times.find(({ kind }) => kind === 'actualRun')
  const interval = (bounds: [number, number] | undefined) =>
    bounds === undefined ? '' : `<small>${of100(bounds[0])}–${of100(bounds[1])} %</small>`
  const cards: [Words, string, string][] = [
    [words('first draft right (EM@1)', '첫 초안 일치 (EM@1)'), share(plain?.em1), interval(plain?.intervals.em1)],
    [words('among the first five (EM@5)', '상위 5개 안 (EM@5)'), share(plain?.em5), interval(plain?.intervals.em5)],
    [
      words('operations in place (Levenshtein)', '공정순서 유사도 (Levenshtein)'),
      share(plain?.levenshtein),
      interval(plain?.intervals.levenshtein),
    ],
    [words('calibration error (ECE)', '신뢰도 오차 (ECE)'), plain === undefined ? noData() : plain.calibration.ece.toFixed(3), ''],
    [words('answers held back', '판정 보류'), share(plain?.abstention.rate), ''],
    [words('middle error of run times', '가공 시간 중앙 오차'), share(run?.predicted.mdape), ''],
  ]
  const lines = sentences(report).map((sentence, at) => `<p class="${at === 0 ? 'lead' : 'follow'}">${say(sentence)}</p>`)
  const figures = cards.map(([title, value, small]) => `<div><dt>${say(title)}</dt><dd>${value}${small}</dd></div>`)
  return `<div class="headline">${lines.join('')}</div><dl class="cards">${figures.join('')}</dl>`
}
