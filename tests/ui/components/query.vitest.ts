import { afterEach, describe, expect, test } from 'vitest'
import SegmentedControl from '../../../ui/components/common/SegmentedControl.vue'
import TabStrip from '../../../ui/components/common/TabStrip.vue'
import AttributeField from '../../../ui/components/query/AttributeField.vue'
import PasteBox from '../../../ui/components/query/PasteBox.vue'
import { isTyping } from '../../../ui/composables/keyboard'
import { parsePaste } from '../../../ui/composables/paste'
import { form } from '../fixtures/plant'
import { show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})
const field = (name: string) => form.fields.find((each) => each.name === name)!

describe('an attribute’s field', () => {
  test('has a label in the language of the screen, tied to it', () => {
    const shown = show(AttributeField, { props: { field: field('OUTDIAMETER') } })
    const label = shown.find('label')
    expect(label.text()).toContain('외경')
    expect(shown.find(`#${label.attributes('for')}`).element.tagName).toBe('INPUT')
    expect(
      show(AttributeField, { props: { field: field('OUTDIAMETER') }, locale: 'en' })
        .find('label')
        .text(),
    ).toContain('Outside diameter')
  })
  test('flags a category that was never seen', () => {
    expect(show(AttributeField, { props: { field: field('SEAL_TYPE'), modelValue: '9999' } }).text()).toContain('학습에 없는 값')
    expect(show(AttributeField, { props: { field: field('SEAL_TYPE'), modelValue: '1057' } }).text()).not.toContain('학습에 없는 값')
  })
  test('does not flag what may lie beyond the listed values', () => {
    const long = { ...field('SEAL_TYPE'), values: Array.from({ length: 50 }, (_, index) => ({ value: `V${index}`, count: 1 })) }
    expect(show(AttributeField, { props: { field: long, modelValue: 'V99' } }).text()).not.toContain('학습에 없는 값')
  })
  test('tells a screen reader the range that was seen and the problem', () => {
    const shown = show(AttributeField, { props: { field: field('OUTDIAMETER'), modelValue: 'x', problem: 'not a number' } })
    const input = shown.find('input')
    expect(input.attributes('aria-invalid')).toBe('true')
    const described = input
      .attributes('aria-describedby')!
      .split(' ')
      .map((id) => shown.find(`#${id}`).text())
    expect(described).toEqual([expect.stringContaining('18.5'), 'not a number'])
  })
  test('shows the unit, or asks for it where the mapping has one', () => {
    expect(show(AttributeField, { props: { field: field('INDIAMETER'), unitText: 'mm' } }).text()).toContain('mm')
    const asks = show(AttributeField, { props: { field: field('OUTDIAMETER'), unitField: field('OUTDIAMETER_UNIT') } })
    expect(asks.findAll('input')).toHaveLength(2)
  })
})

test('the paste box shows what was recognised and what was not', () => {
  const pasted = parsePaste('부품 유형\t외경\t비고\nGLAND\t92.9\t긴급', form.fields)
  const shown = show(PasteBox, {
    props: { pasted, warnings: new Map(), problems: new Map([['OUTDIAMETER', 'bad']]), modelValue: '', row: 0 },
  })
  expect(shown.find('dl').text()).toContain('GLAND')
  expect(shown.find('dl').text()).toContain('bad')
  expect(shown.find('ul').text()).toContain('비고')
})

test('tabs are one stop, moved by the arrow keys, and wrap around', async () => {
  const tabs = ['a', 'b', 'c'].map((value) => ({ value, label: value }))
  const shown = show(TabStrip, {
    props: { tabs, id: 'x', label: 'tabs', modelValue: 'a', 'onUpdate:modelValue': (modelValue: string) => shown.setProps({ modelValue }) },
  })
  const selected = () => shown.find('[aria-selected="true"]').text()
  expect(shown.findAll('[tabindex="0"]')).toHaveLength(1)
  await shown.find('[role=tablist]').trigger('keydown', { key: 'ArrowLeft' })
  expect(selected()).toBe('c')
  await shown.find('[role=tablist]').trigger('keydown', { key: 'ArrowRight' })
  expect(selected()).toBe('a')
  await shown.find('[role=tablist]').trigger('keydown', { key: 'End' })
  expect(selected()).toBe('c')
})

test('a segmented control is a group of radio buttons with a name', async () => {
  const options = [
    { value: 'ko', label: '한', title: '한국어' },
    { value: 'en', label: 'EN', title: 'English' },
  ]
  const shown = show(SegmentedControl, { props: { options, label: '언어', name: 'language', modelValue: 'ko' } })
  expect(shown.find('legend').text()).toBe('언어')
  await shown.findAll('input')[1].setValue()
  expect(shown.emitted('update:modelValue')).toEqual([['en']])
})

test('single keys belong to the text while someone types', () => {
  document.body.innerHTML =
    '<input id="a"><input id="b" type="range"><textarea id="c"></textarea><button id="d"></button><div id="e" contenteditable="true"></div>'
  const typing = (id: string) => isTyping(document.getElementById(id))
  expect([typing('a'), typing('c')]).toEqual([true, true])
  expect([typing('b'), typing('d'), isTyping(document.body)]).toEqual([false, false, false])
})
