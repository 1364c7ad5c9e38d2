import { afterEach, describe, expect, test } from 'vitest'
import { TimeStrategy } from '../../../server/contract/time-strategy'
import LotField from '../../../ui/components/query/LotField.vue'
import SearchOptions from '../../../ui/components/query/SearchOptions.vue'
import TimeOptions from '../../../ui/components/query/TimeOptions.vue'
import { countChanged, defaultOptions, defaultTimes, predictRequest, sameQuestion } from '../../../ui/composables/request'
import { show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

test('the screen’s defaults of the time strategy are the contract’s', () => {
  const contract = Object.fromEntries(Object.entries(TimeStrategy.properties).map(([name, schema]) => [name, schema.default]))
  expect(defaultTimes()).toEqual(contract)
})

describe('a request', () => {
  test('names only what differs from what is usual: the rest is as the server is configured', () => {
    expect(predictRequest({ item: 'X' }, defaultOptions())).toEqual({ item: 'X' })
    const options = { ...defaultOptions(), lot: 10, groupExpansion: 3, times: { ...defaultTimes(), zCut: 3 } }
    expect(predictRequest({ item: 'X' }, options, { without: ['A', 'B'] })).toEqual({
      item: 'X',
      without: ['A', 'B'],
      lot: 10,
      groupExpansion: 3,
      timeStrategy: { zCut: 3 },
    })
  })
  test('asks about the same part while only what stands beside it moves', () => {
    const before = predictRequest({ attributes: { PART_TYPE: 'GLAND' } }, defaultOptions())
    expect(sameQuestion(before, { ...before, lot: 10, without: ['A'] })).toBe(true)
    expect(sameQuestion(before, { ...before, attributes: { PART_TYPE: 'SLEEVE' } })).toBe(false)
    expect(sameQuestion(null, before)).toBe(false)
  })
})

test('every option that is not as usual is counted, each part of the time strategy too', () => {
  expect(countChanged(defaultOptions())).toBe(0)
  const times = { ...defaultTimes(), profile: 'quantile' as const, zCut: 3 }
  expect(countChanged({ ...defaultOptions(), lot: 10, groupExpansion: 2, weights: { A: 1, B: 2 }, times })).toBe(5)
})

test('a recall is counted once, whichever it is, and only where it is asked for', () => {
  expect(countChanged({ ...defaultOptions(), preset: 'recall', recall: 0.95 })).toBe(1)
  expect(countChanged({ ...defaultOptions(), recall: 0.95 })).toBe(0)
})

describe('the breadth of the search', () => {
  test('is a preset or a recall, never both', async () => {
    const shown = show(SearchOptions, { props: { form: undefined, modelValue: defaultOptions() } })
    const checked = (name: string) => shown.findAll(`[name=${name}]`).filter((one) => (one.element as HTMLInputElement).checked).length
    const labels = shown.findAll('label:has([name=recall])').map((label) => label.text())
    expect(labels).toEqual(['안 씀', '90%', '95%', '99%', '99.9%', '100%'])
    expect([checked('preset'), (shown.find('[name=recall][value=off]').element as HTMLInputElement).checked]).toEqual([1, true])
    await shown.find('[name=recall][value="0.999"]').setValue(true)
    const chosen = { ...defaultOptions(), preset: 'recall' as const, recall: 0.999 as const }
    expect(shown.emitted('update:modelValue')).toEqual([[chosen]])
    await shown.setProps({ modelValue: chosen })
    // with a recall no preset is chosen; a preset takes its place again
    expect([checked('preset'), checked('recall')]).toEqual([0, 1])
    await shown.find('[name=preset][value=standard]').setValue(true)
    expect(shown.emitted('update:modelValue')!.at(-1)).toEqual([{ ...chosen, preset: 'standard' }])
    await shown.setProps({ modelValue: { ...chosen } })
    await shown.find('[name=recall][value=off]').setValue(true)
    expect(shown.emitted('update:modelValue')!.at(-1)).toEqual([{ ...chosen, preset: 'configured' }])
  })
})

describe('the lot', () => {
  const lot = (modelValue: number) => show(LotField, { props: { modelValue } })
  test('is chosen by a press or typed, and stays within its bounds', async () => {
    const shown = lot(1)
    expect(shown.find('[aria-pressed=true]').text()).toBe('1')
    await shown.find('[aria-label="로트 100"]').trigger('click')
    await shown.find('#lot').setValue('25')
    await shown.find('#lot').setValue('99999999')
    await shown.find('#lot').setValue('0')
    expect(shown.emitted('update:modelValue')).toEqual([[100], [25], [1_000_000], [1]])
  })
  test('a field that was emptied says the lot again', async () => {
    const shown = lot(10)
    await shown.find('#lot').setValue('')
    expect(shown.emitted('update:modelValue')).toBeUndefined()
    expect((shown.find('#lot').element as HTMLInputElement).value).toBe('10')
  })
})

describe('the time strategy', () => {
  const times = (change: object) => show(TimeOptions, { props: { modelValue: { ...defaultTimes(), ...change } } })
  test('asks only for the bounds that have an effect', () => {
    const ids = (change: object) =>
      times(change)
        .findAll('input[type=number]')
        .map((field) => field.attributes('id'))
    expect(ids({})).toEqual(['time-zCut', 'time-trimLow', 'time-trimHigh', 'time-optimalSigma', 'time-safeSigma'])
    expect(ids({ outliers: 'none', profile: 'quantile' })).toEqual([])
    expect(ids({ outliers: 'trimmed', profile: 'quantile' })).toEqual(['time-trimLow', 'time-trimHigh'])
  })
  test('goes back to the defaults by one press, which is offered only where something differs', async () => {
    expect(times({}).text()).not.toContain('되돌리기')
    const shown = times({ zCut: 4, profile: 'quantile' })
    expect(shown.text()).toContain('2개 변경됨')
    await shown
      .findAll('button')
      .find((button) => button.text() === '되돌리기')!
      .trigger('click')
    expect(shown.emitted('update:modelValue')).toEqual([[defaultTimes()]])
  })
})
