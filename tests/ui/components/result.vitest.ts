import { afterEach, describe, expect, test } from 'vitest'
import type { Prediction } from '../../../server/contract/predict'
import CandidateCompare from '../../../ui/components/result/CandidateCompare.vue'
import StepRow from '../../../ui/components/result/StepRow.vue'
import VerdictLine from '../../../ui/components/result/VerdictLine.vue'
import { barEstimates, timeScale } from '../../../ui/composables/time-scale'
import { predict, show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})
const known: Prediction = await predict({ item: 'GL-1003', candidates: 3 })
const scale = timeScale(barEstimates(known.candidates))

describe('the verdict', () => {
  test('says the confidence as word and number, with its grounds', () => {
    const text = show(VerdictLine, { props: { prediction: { ...known, confidence: 0.86 } } }).text()
    expect(text).toContain('높음 0.86')
    expect(text).toContain(known.neighbours[0].item)
  })
  test.each([
    [0.9, '높음'],
    [0.6, '보통'],
    [0.2, '낮음'],
  ])('calls %d %s', (confidence, word) => {
    expect(show(VerdictLine, { props: { prediction: { ...known, confidence } } }).text()).toContain(word)
  })
  test('an abstention shows no word of confidence', () => {
    const abstained = { ...known, abstained: true, confidence: 0.9, grounds: { ...known.grounds, code: 'nothing_near' } }
    const text = show(VerdictLine, { props: { prediction: abstained } }).text()
    expect(text).toContain('판정 보류')
    expect(text).not.toContain('높음')
  })
  test('says what the configuration asks for where the answer stays below it', () => {
    const below = { ...known, abstained: true, grounds: { ...known.grounds, confidenceMin: 0.95, similarityMin: 0.8 } }
    const text = show(VerdictLine, { props: { prediction: below }, locale: 'en' }).text()
    expect(text).toContain('asks for a confidence of 0.95')
    expect(text).toContain('from a similarity of 0.80')
    expect(show(VerdictLine, { props: { prediction: known }, locale: 'en' }).text()).not.toContain('configuration')
  })
  test('an item without any similar one is no error', () => {
    const alone = { ...known, neighbours: [], grounds: { ...known.grounds, code: 'nothing_near', neighbours: 0, same: 0, nearest: 0 } }
    expect(show(VerdictLine, { props: { prediction: alone }, locale: 'en' }).text()).toContain('Nothing near')
  })
})

describe('an operation', () => {
  const step = known.candidates[0].steps.find((each) => each.setupMinutes && each.inside)!
  const row = (change: object) => show(StepRow, { props: { step: { ...step, ...change }, scale, daysMax: 5 } })

  test('shows p50 and its range as text beside the bar', () => {
    const text = row({ runMinutes: { ...step.runMinutes, p10: 11, p50: 14.5, p90: 19 } }).text()
    expect(text).toContain('14.5')
    expect(text).toContain('11.0–19.0')
  })
  test('says that there are no times instead of showing zero', () => {
    const text = row({ setupMinutes: null, runMinutes: null }).text()
    expect(text).toContain('시간 자료 없음')
    expect(text).not.toContain('0.0–')
  })
  test('says how few samples an estimate has', () => {
    expect(row({ runMinutes: { ...step.runMinutes, n: 2 } }).text()).toContain('n=2')
    expect(row({ runMinutes: { ...step.runMinutes, n: 3 } }).text()).not.toContain('n=3')
  })
  test('outsourced, shows partner and days and no minutes', () => {
    const text = row({ inside: false, partner: '대한열처리', leadTimeDays: 5 }).text()
    expect(text).toContain('대한열처리')
    expect(text).toContain('5일')
    expect(text).not.toContain('가공')
  })
  test('outsourced without a lead time says so', () => {
    expect(row({ inside: false, partner: null, leadTimeDays: null }).text()).toContain('외주 기간 자료 없음')
  })
  test('opens its samples, level and evidence', async () => {
    const shown = row({})
    expect(document.querySelector('table')).toBeNull()
    const toggle = shown.find('button[aria-label="공순 10 상세"]')
    await toggle.trigger('click')
    expect(toggle.attributes('aria-expanded')).toBe('true')
    expect(document.querySelector('table')?.textContent).toContain('p90')
    expect([...document.querySelectorAll('a')].map((link) => link.textContent)).toEqual(step.sources)
  })
})

test('candidates are compared row by row of the same operation', () => {
  const shown = show(CandidateCompare, { props: { candidates: known.candidates } })
  const operations = shown.findAll('tbody th .code').map((cell) => cell.text())
  for (const candidate of known.candidates) for (const step of candidate.steps) expect(operations).toContain(step.operation)
  expect(shown.findAll('thead th')).toHaveLength(known.candidates.length + 1)
})
