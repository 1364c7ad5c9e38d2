import { afterEach, describe, expect, test } from 'vitest'
import FilterBar from '../../../ui/components/filter/FilterBar.vue'
import FilterNote from '../../../ui/components/filter/FilterNote.vue'
import ResultPanel from '../../../ui/components/result/ResultPanel.vue'
import PredictPage from '../../../ui/pages/PredictPage.vue'
import { form } from '../fixtures/plant'
import { predict, settle, show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

const bar = (props: object, locale: 'ko' | 'en' = 'ko') =>
  show(FilterBar, { props: { form, allowed: null, counting: false, topK: 10, modelValue: {}, ...props }, locale })
const press = async (selector: string) => {
  document.querySelector<HTMLElement>(selector)!.click()
  await settle()
}
const box = (value: string) =>
  [...document.querySelectorAll<HTMLLabelElement>('label')]
    .find((label) => label.textContent?.trim().startsWith(value))!
    .querySelector('input')!

describe('the conditions', () => {
  test('are none at first, and say what they are for', () => {
    const shown = bar({})
    expect(shown.findAll('li')).toHaveLength(0)
    expect(shown.text()).toContain('모든 조건에 맞는 품목만')
    expect(shown.find('[role=status]').exists()).toBe(false)
  })
  test('are added in two steps, the values with their counts', async () => {
    const shown = bar({})
    await press('#filter-add')
    expect([...document.querySelectorAll('#filter-step li')].map((row) => row.textContent?.trim())).toContain('씰 타입4')
    const row = [...document.querySelectorAll<HTMLElement>('#filter-step button')].find((button) => button.title === 'SEAL_TYPE')!
    row.click()
    await settle()
    expect(document.querySelector('#filter-step')!.textContent).toContain('23,693')
    box('1057').click()
    expect(shown.emitted('update:modelValue')).toEqual([[{ SEAL_TYPE: ['1057'] }]])
  })
  test('are chips with what they ask for; a cross takes one away and the focus stays', async () => {
    const shown = bar({ modelValue: { PART_TYPE: ['GLAND', 'SLEEVE', 'STATIONARY FACE'], SEAL_TYPE: [''] } }, 'en')
    expect(shown.findAll('li').map((chip) => chip.find('button').attributes('aria-label'))).toEqual([
      'Change the condition Part type = GLAND, SLEEVE or 1 more',
      'Change the condition Seal type = (no value)',
    ])
    await shown.find('[aria-label="Remove the condition Seal type = (no value)"]').trigger('click')
    await settle()
    expect(shown.emitted('update:modelValue')!.at(-1)).toEqual([{ PART_TYPE: ['GLAND', 'SLEEVE', 'STATIONARY FACE'] }])
    expect(document.activeElement?.id).toBe('filter-add')
  })
  test('go together by one press where there are several', async () => {
    const shown = bar({ modelValue: { PART_TYPE: ['GLAND'], ROTATE: ['CW'] } })
    const clear = () => shown.findAll('button').find((button) => button.text() === '모두 지우기')
    await clear()!.trigger('click')
    expect(shown.emitted('update:modelValue')).toEqual([[{}]])
    await shown.setProps({ modelValue: { ROTATE: ['CW'] } })
    expect(clear()).toBeUndefined()
  })
  test('of an attribute that the form does not have can be taken away too', () => {
    const shown = bar({ modelValue: { PLANT: ['2'] }, refused: ['PLANT'] })
    expect(shown.find('li').text()).toContain('PLANT')
    expect(shown.find('[role=status]').text()).toContain('필터할 수 있는 속성 PLANT')
    expect(shown.find('[aria-label="조건 빼기: PLANT = 2"]').exists()).toBe(true)
  })
})

describe('what is left', () => {
  const told = (props: object) =>
    bar({ modelValue: { PART_TYPE: ['GLAND'], ROTATE: ['CW'] }, ...props })
      .find('[role=status]')
      .text()
  test('is counted, few, or nothing, each with what it means', () => {
    expect(told({ allowed: 24 })).toBe('전체 36건 중 24건이 조건에 맞음')
    expect(told({ allowed: 9 })).toMatch(/9건뿐이라 요청한 유사품목 10건보다 적습니다.*필터 없이 측정/)
    expect(told({ allowed: 0 })).toMatch(/36건 중 0건.*예측할 수 없습니다/)
    expect(told({ counting: true })).toBe('세는 중 …')
    expect(told({})).toBe('')
  })
  test('is said above the list, with a way out where nothing is left', async () => {
    const note = (allowed: number | null) =>
      show(FilterNote, { props: { told: { allowed, counting: false, refused: null }, items: 36, conditions: 2 } })
    expect(note(24).find('button').exists()).toBe(false)
    expect(note(null).text()).toBe('조건 2개 적용 중')
    const empty = note(0)
    await empty.find('button').trigger('click')
    expect(empty.emitted('clear')).toHaveLength(1)
  })
  test('is told in place of grounds where it is nothing', async () => {
    const shown = show(ResultPanel, { props: { prediction: await predict({ item: 'GL-1006', filter: { PART_TYPE: 'none' } }) } })
    expect(shown.text()).toContain('조건에 맞는 품목이 없어 예측할 수 없습니다')
    expect(shown.text()).not.toContain('가장 가까운')
    expect(shown.findAll('[role=table]')).toHaveLength(0)
  })
})

test('the page asks with its conditions, keeps them in the address, and narrows the list', async () => {
  const asked: Record<string, unknown>[] = []
  const own = (path: string, init?: RequestInit) => {
    if (path.endsWith('/similar')) asked.push(JSON.parse(String(init?.body)))
    return null
  }
  const shown = show(PredictPage, { own })
  const { $router } = shown.vm as unknown as { $router: import('vue-router').Router }
  await $router.push('/predict?item=GL-1006&filter.ROTATE=CW')
  await settle()
  await new Promise((resume) => setTimeout(resume, 400))
  await settle()
  expect(asked.at(-1)).toMatchObject({ item: 'GL-1006', filter: { ROTATE: 'CW' } })
  await press('[aria-label^="조건 빼기"]')
  expect($router.currentRoute.value.query).toEqual({ item: 'GL-1006' })
  await new Promise((resume) => setTimeout(resume, 400))
  expect(asked.at(-1)!.filter).toBeUndefined()
})
