import { afterEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import type { Prediction } from '../../../server/contract/predict'
import CandidateCompare from '../../../ui/components/result/CandidateCompare.vue'
import CandidateView from '../../../ui/components/result/CandidateView.vue'
import VerdictLine from '../../../ui/components/result/VerdictLine.vue'
import GroupList from '../../../ui/components/similar/GroupList.vue'
import SimilarList from '../../../ui/components/similar/SimilarList.vue'
import { predict, show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})
const known: Prediction = await predict({ item: 'GL-1003', candidates: 3, lot: 10 })

describe('the similar items', () => {
  const list = (change: object = {}) =>
    show(SimilarList, {
      props: {
        neighbours: known.neighbours,
        loading: false,
        stale: false,
        problem: null,
        signature: null,
        decisive: [],
        leftOut: [],
        ...change,
      },
    })
  test('are evidence, each with a tick that leaves it out', async () => {
    const shown = list()
    const ticks = shown.findAll('ol input[type=checkbox]')
    expect(ticks).toHaveLength(known.neighbours.length)
    expect(ticks[1].attributes('aria-label')).toContain(known.neighbours[1].item)
    await ticks[1].setValue(false)
    expect(shown.emitted('leave')).toEqual([[known.neighbours[1].item]])
  })
  test('say how many are left out and come back one by one or together', async () => {
    const shown = list({ leftOut: ['GL-1', 'GL-2'] })
    expect(shown.text()).toContain('2건 제외됨')
    await shown.findAll('[role=group] input')[1].setValue(true)
    expect(shown.emitted('back')).toEqual([['GL-2']])
    await shown
      .findAll('button')
      .find((button) => button.text() === '모두 되돌리기')!
      .trigger('click')
    expect(shown.emitted('restore')).toHaveLength(1)
  })
  test('keep the focus on the item whose tick moves to the other list', async () => {
    const [first, ...rest] = known.neighbours
    const shown = list()
    const left = shown.find(`#evidence-${first.item}`)
    ;(left.element as HTMLElement).focus()
    left.setValue(false)
    await shown.setProps({ neighbours: rest, leftOut: [first.item] })
    await nextTick()
    expect(document.activeElement?.id).toBe(`evidence-${first.item}`)
  })
  test('mark the decisive ones', () => {
    const text = (item: string) =>
      shown
        .findAll('ol > li')
        .find((row) => row.text().includes(item))!
        .text()
    const shown = list({ decisive: [known.neighbours[1].item] })
    expect(text(known.neighbours[1].item)).toContain('결정적')
    expect(text(known.neighbours[0].item)).not.toContain('결정적')
  })
})

describe('the verdict', () => {
  const verdict = (grounds: object, candidates = known.candidates) =>
    show(VerdictLine, { props: { prediction: { ...known, candidates, grounds: { ...known.grounds, ...grounds } } } }).text()
  test('names what it rests on, and whether operations or resources do', () => {
    expect(verdict({ decisive: ['GL-7', 'GL-9'], decisiveFor: 'operations' })).toContain(
      'GL-7, GL-9에 달려 있습니다. 이 근거가 없으면 다른 라우팅이',
    )
    expect(verdict({ decisive: ['GL-7'], decisiveFor: 'resources' })).toContain('자원은 GL-7에')
    expect(verdict({ decisive: [] })).not.toContain('달려')
  })
  test('says that a standard routing is proposed by rule where nothing near is known', () => {
    const standardRouting = { rule: 'STD-001', code: 'RTG-GLAND1<-2/1PL', title: { ko: '글랜드', en: 'Gland' } }
    const candidates = [{ ...known.candidates[0], kind: 'rule' as const, standardRouting }]
    const text = verdict({ code: 'nothing_near', standardRouting: 'RTG-GLAND1<-2/1PL' }, candidates)
    expect(text).toContain('RTG-GLAND1<-2/1PL')
    expect(text).toContain('STD-001')
    expect(text).not.toContain('가장 가까운 품목은')
  })
})

describe('a candidate', () => {
  const view = (change: object, locale: 'ko' | 'en' = 'ko') =>
    show(CandidateView, {
      props: { candidate: { ...known.candidates[0], ...change }, letter: 'A', scale: null, neighbours: 10 },
      locale,
    }).text()
  const lead = { lot: 10, minutes: 615, outsourcedDays: 5, stepsWithoutTime: 0 }
  test('shows its lead time in hours and days, and what it leaves out', () => {
    expect(view({ leadTime: lead })).toContain('리드타임 (로트 10개)')
    expect(view({ leadTime: lead })).toContain('사내 10.3시간 + 외주 5일')
    expect(view({ leadTime: { ...lead, minutes: 90, outsourcedDays: 0 } })).toContain('사내 90분')
    expect(view({ leadTime: { ...lead, stepsWithoutTime: 2 } })).toContain('시간 없는 공정 2개 제외')
    expect(view({ leadTime: lead }, 'en')).toContain('10.3 h in-house + 5 d outsourced')
  })
  test('without any time has no lead time rather than none at all', () => {
    expect(view({ leadTime: null })).not.toContain('리드타임')
  })
  test('names its kind and the standard routing that it is, title in the language of the screen', () => {
    const standardRouting = { rule: 'STD-001', code: 'RTG-GLAND1', title: { ko: '글랜드', en: 'Gland' } }
    expect(view({ kind: 'group' })).toContain('그룹에서')
    const rule = view({ kind: 'rule', standardRouting }, 'en')
    for (const part of ['Standard routing', 'RTG-GLAND1', 'STD-001', 'Gland']) expect(rule).toContain(part)
  })
  test('is compared by its lead time', () => {
    const shown = show(CandidateCompare, {
      props: {
        candidates: [
          { ...known.candidates[0], leadTime: lead },
          { ...known.candidates[1], leadTime: null },
        ],
      },
    })
    const cells = shown
      .findAll('tfoot tr')
      .at(-1)!
      .findAll('td')
      .map((cell) => cell.text())
    expect(cells).toEqual(['사내 10.3시간 + 외주 5일', '시간 자료 없음'])
  })
})

describe('the groups', () => {
  const group = {
    kind: 'family' as const,
    key: 'GLAND',
    members: 12,
    neighbours: 7,
    share: 0.7,
    nearest: 0.98,
    typical: { signature: 'A01+B02', share: 0.5, source: { item: 'GL-1', routing: '01' } },
    examples: [{ item: 'GL-1', title: null, similarity: 0.98 }],
  }
  const list = (change: object) => show(GroupList, { props: { groups: [group], loading: false, problem: null, expansion: 0, ...change } })
  test('say how many items, how much of the neighbourhood and what is usually made', () => {
    const text = list({}).text()
    for (const part of ['품목군', 'GLAND', '품목 12개, 그중 유사품목 7건', '70%', 'A01 → B02', 'GL-1 / 01']) expect(text).toContain(part)
  })
  test('give candidates and take them back', async () => {
    const shown = list({})
    await shown.find('button').trigger('click')
    expect(shown.emitted('expand')).toEqual([[1]])
    const taken = list({ expansion: 3 })
    await taken.find('button').trigger('click')
    expect(taken.emitted('expand')).toEqual([[0]])
  })
  test('before anything is asked and without a group are words', () => {
    expect(list({ groups: null }).text()).toContain('속성 값을 하나라도')
    expect(list({ groups: [] }).text()).toContain('그룹이 없습니다')
  })
})
