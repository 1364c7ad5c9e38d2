import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, test } from 'vitest'
import type { Counterfactual, Counterfactuals } from '../../../server/contract/counterfactual'
import WhatIfPanel from '../../../ui/components/what-if/WhatIfPanel.vue'
import { whatIfRequest } from '../../../ui/composables/what-if'
import { form } from '../fixtures/plant'
import { show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

const step = (
  change: Counterfactual['steps'][number]['change'],
  operation: string,
  before: number | null,
  after: number | null,
  rest: object = {},
) => ({
  change,
  operation,
  operationName: null,
  before: before === null ? null : { sequence: before, resource: 'R-1' },
  after: after === null ? null : { sequence: after, resource: 'R-1' },
  resourceChanged: false,
  ...rest,
})
const found: Counterfactual = {
  changes: [{ attribute: 'ITEM_MATERIAL', from: 'M000DB', to: 'S45C' }],
  effect: 'operations',
  distance: 0.1,
  confidence: 0.62,
  abstained: false,
  signature: 'A+C',
  steps: [
    step('kept', 'A01', 10, 10),
    step('removed', 'G30', 40, null),
    step('added', 'H20', null, 50),
    step('moved', 'Q30', 50, 20),
    step('kept', 'F20', 60, 60, { after: { sequence: 60, resource: 'R-2' }, resourceChanged: true }),
  ],
  text: 'With ITEM_MATERIAL = S45C: 40 G30 disappears.',
}
const answerWith = (change: Partial<Counterfactuals>): Counterfactuals => ({
  item: null,
  base: { signature: 'A+B', confidence: 0.86, abstained: false },
  counterfactuals: [found],
  attributes: [
    { attribute: 'ITEM_MATERIAL', value: 'M000DB', tried: 4, changing: 1, effect: 'operations' },
    { attribute: 'GROUP1', value: null, tried: 3, changing: 0, effect: 'none' },
  ],
  predictions: 8,
  complete: true,
  warnings: [],
  version: '2026.11.01_3',
  epoch: 3,
  configRev: 0,
  efSearch: 96,
  recall: { expected: 0.981, k: 10, asked: null, exact: false },
  ...change,
})

const request = { attributes: { PART_TYPE: 'GLAND' }, topK: 10, candidates: 5, lot: 10 }
/** The panel before a server that answers so; `asked` fills with what it was asked. */
function panel(answer: (body: { change?: object }) => Response, asked: object[] = []) {
  const shown = show(WhatIfPanel, { props: { request, form, values: { OUTDIAMETER_UNIT: 'INCH' } } })
  globalThis.fetch = (async (_: unknown, init?: RequestInit) => {
    const body = JSON.parse(String(init?.body))
    asked.push(body)
    return answer(body)
  }) as typeof fetch
  const search = async () => {
    await shown
      .findAll('button')
      .find((button) => button.text() === '바뀌는 조건 찾기')!
      .trigger('click')
    await flushPromises()
    await new Promise((resume) => setTimeout(resume, 20))
    await flushPromises()
  }
  return { shown, search }
}

test('the question is the part and how it is searched, nothing of lots or candidates', () => {
  expect(JSON.parse(JSON.stringify(whatIfRequest({ ...request, without: ['A'] })))).toEqual({
    attributes: request.attributes,
    topK: 10,
    without: ['A'],
  })
})

describe('what if', () => {
  test('asks only on demand', async () => {
    const asked: object[] = []
    const { search } = panel(() => Response.json(answerWith({})), asked)
    await flushPromises()
    expect(asked).toEqual([])
    await search()
    expect(asked).toHaveLength(1)
  })
  test('says the change, what becomes of each step, and the confidence before and after', async () => {
    const { shown, search } = panel(() => Response.json(answerWith({})))
    await search()
    const row = shown.find('ul[aria-label="만약에"] > li')
    const chips = row.findAll('ul li').map((chip) => chip.text().replaceAll(/\s+/g, ' '))
    expect(row.text()).toContain('M000DB')
    expect(row.text()).toContain('S45C')
    expect(row.text()).toContain('신뢰도 0.86 → 0.62')
    expect(chips).toEqual(['40G30사라짐', '50H20추가됨', '50 → 20Q30이동', '60F20R-1 → R-2자원 변경', '나머지 1개 그대로'])
  })
  test('gives the change to whoever takes it', async () => {
    const { shown, search } = panel(() => Response.json(answerWith({})))
    await search()
    await shown
      .findAll('button')
      .find((button) => button.text() === '이 값으로')!
      .trigger('click')
    expect(shown.emitted('take')).toEqual([[found.changes]])
  })
  test('folds the attributes without influence', async () => {
    const { shown, search } = panel(() => Response.json(answerWith({})))
    await search()
    expect(shown.find('details summary').text()).toContain('영향 없는 속성 1개')
    expect(shown.find('details').text()).toContain('3번 확인')
  })
  test('nothing found, and time that ran out, are said', async () => {
    const { shown, search } = panel(() => Response.json(answerWith({ counterfactuals: [], complete: false })))
    await search()
    expect(shown.text()).toContain('첫 후보가 달라지지 않았습니다')
    expect(shown.text()).toContain('8번까지만 확인')
  })
  test('a problem is shown where the answer would stand', async () => {
    const { shown, search } = panel(() => Response.json({ code: 'busy', message: 'busy', requestId: 'r-1' }, { status: 503 }))
    await search()
    expect(shown.find('[role=alert]').text()).toContain('서버가 바쁩니다')
  })
  test('a change of one’s own is asked in the unit that stands beside it, and says when nothing changes', async () => {
    const asked: { change?: object }[] = []
    const none = {
      ...found,
      effect: 'none' as const,
      changes: [{ attribute: 'OUTDIAMETER', from: 92, to: 120 }],
      steps: [step('kept', 'A01', 10, 10)],
    }
    const { shown, search } = panel((body) => Response.json(answerWith(body.change ? { counterfactuals: [none] } : {})), asked)
    await search()
    await shown.find('select').setValue('OUTDIAMETER')
    await shown.find('#what-if-value').setValue('120')
    await shown.find('form').trigger('submit')
    await new Promise((resume) => setTimeout(resume, 20))
    await flushPromises()
    expect(asked.at(-1)?.change).toEqual({ OUTDIAMETER: 120 })
    expect(shown.find('label[for=what-if-value]').text()).toContain('INCH')
    expect(shown.text()).toContain('첫 후보는 그대로입니다')
  })
})
