/** How the ways of asking are called for people. */
import { name, type Words, words } from '../../../domain/plot/svg'

const known: Record<string, Words> = {
  item: words('new items', '신규 품목'),
  family: words('items of unseen families', '처음 보는 품목군의 품목'),
  blanked: words('new items, attributes left out', '신규 품목, 속성 일부 누락'),
  file: words('items of the second file', '두 번째 파일의 품목'),
}

const endings: [RegExp, (share: string) => Words][] = [
  [/^(\d+) % blanked$/, (share) => words(`${share} % of the attributes left out`, `속성 ${share} % 누락`)],
  [/^under (\d+) %$/, (share) => words(`under ${share} %`, `${share} % 미만`)],
  [/^(\d+ to \d+) %$/, (share) => words(`${share} %`, `${share.replace(' to ', '~')} %`)],
  [/^over (\d+) %$/, (share) => words(`over ${share} %`, `${share} % 초과`)],
  [/^one unseen value$/, () => words('one value never seen', '처음 보는 값 하나')],
]

/** `item, 30 % blanked` → "new items, 30 % of the attributes left out". Columns keep their name. */
export function protocolWords(protocol: string): Words {
  const parts = protocol.split(', ').map((part, at) => {
    if (at === 0) return known[part] ?? words(`items of unseen ${part}`, `처음 보는 ${part} 값의 품목`)
    for (const [pattern, ending] of endings) {
      const match = pattern.exec(part)
      if (match !== null) return ending(match[1] ?? '')
    }
    return name(part)
  })
  return words(parts.map(({ en }) => en).join(', '), parts.map(({ ko }) => ko).join(', '))
}

const baselines: Record<string, Words> = {
  'most frequent': words("the plant's most frequent routings", '공장에서 가장 흔한 라우팅'),
  'most frequent by best single attribute': words('most frequent by the best attribute', '가장 좋은 속성 하나로 본 최빈 라우팅'),
  "nearest neighbours' copies": words('copies of the nearest items', '가장 가까운 유사품목의 라우팅 복사'),
}
export const baselineWords = (baseline: string): Words => baselines[baseline] ?? name(baseline)

const kinds: Record<string, Words> = {
  setup: words('set-up', '준비'),
  run: words('run', '가공'),
  queue: words('queue', '대기열'),
  wait: words('wait', '대기'),
  move: words('move', '이동'),
  actualSetup: words('set-up, reported', '준비(실적)'),
  actualRun: words('run, reported', '가공(실적)'),
}
export const timeWords = (kind: string): Words => kinds[kind] ?? name(kind)

const bases: [string, string][] = [
  ['median of operation and resource', '공정·설비 중앙값'],
  ['median of the operation', '공정 중앙값'],
  ['regression on sizes, neighbours brought to the size', '크기 회귀(유사품목은 크기로 보정)'],
  ['regression on sizes', '크기 회귀'],
]
const blends: [RegExp, (base: string, samples: string) => string][] = [
  [/^(.*) alone$/, (base) => `${base}만`],
  [/^neighbours, else (.*)$/, (base) => `유사품목, 없으면 ${base}`],
  [/^neighbours with (.*) as (\d+) samples?$/, (base, samples) => `유사품목과 ${base}(표본 ${samples}개 상당)`],
]

/** How a time was estimated; a method without Korean words keeps its own. */
export function methodWords(method: string): Words {
  for (const [pattern, blend] of blends) {
    const match = pattern.exec(method)
    if (match === null) continue
    const base = bases.find(([english]) => english === match[1])
    return words(method, blend(base?.[1] ?? match[1], match[2] ?? ''))
  }
  return name(method)
}
