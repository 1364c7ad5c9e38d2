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
