import { flushPromises } from '@vue/test-utils'
import { afterEach, describe, expect, test } from 'vitest'
import { type Component, defineComponent, h } from 'vue'
import ReliabilityPlot from '../../../ui/components/plot/ReliabilityPlot.vue'
import AdoptionPanel from '../../../ui/components/quality/AdoptionPanel.vue'
import DriftPanel from '../../../ui/components/quality/DriftPanel.vue'
import HeldOutPanel from '../../../ui/components/quality/HeldOutPanel.vue'
import { protocolWords, useQualityTexts } from '../../../ui/composables/quality'
import QualityPage from '../../../ui/pages/QualityPage.vue'
import { adoption, drift, noAdoption, quality } from '../fixtures/quality'
import { show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

/** A part of the page with the page's texts. */
function part(component: Component, props: object, locale: 'ko' | 'en' = 'ko') {
  const page = defineComponent({
    setup() {
      useQualityTexts()
      return () => h(component, props)
    },
  })
  return show(page, { locale })
}

test('a protocol’s name is read part by part; what is no known word is a column', () => {
  expect(protocolWords('item')).toEqual([['item', {}]])
  expect(protocolWords('item, 30 % blanked, one unseen value')).toEqual([
    ['blankedBy', { n: '30' }],
    ['unseen', {}],
  ])
  expect(protocolWords('blanked, 20 to 40 %')).toEqual([
    ['blanked', {}],
    ['between', { from: '20', to: '40' }],
  ])
  expect(protocolWords('MOULD')).toEqual([['column', { name: 'MOULD' }]])
})

describe('held-out quality', () => {
  test('opens with sentences', () => {
    const text = part(HeldOutPanel, { report: quality }).text()
    expect(text).toContain('373건 가운데 87.1%은 첫 후보가')
    expect(text).toContain('“한 속성별 가장 흔한 라우팅”은 41%')
    expect(part(HeldOutPanel, { report: quality }, 'en').text()).toContain('Of 373 held-out questions, 87.1% were answered exactly')
  })
  test('stands beside the simple ways, the best of them first', () => {
    const shown = part(HeldOutPanel, { report: quality })
    const ways = shown.findAll('[role=region][aria-label="단순한 방법과 비교"] tbody th').map((cell) => cell.text())
    expect(ways).toEqual(['Routewright', '한 속성별 가장 흔한 라우팅', '공장에서 가장 흔한 라우팅'])
  })
  test('says what it is measured on, what decays, and how well intervals hold', () => {
    const text = part(HeldOutPanel, { report: quality }).text()
    for (const words of ['처음 보는 품목군', '속성 일부를 비움, 40 % 초과', '80.6%', '가까운 10건']) expect(text).toContain(words)
  })
  test('nothing held out, no times and no recall are words', () => {
    const text = part(HeldOutPanel, { report: { ...quality, protocols: [], times: [], retrieval: null } }).text()
    for (const words of ['측정하지 못했습니다', '떼어 둔 시간이 없습니다', '측정하지 않았습니다']) expect(text).toContain(words)
  })
  test('a plot has its numbers as a table for whoever cannot see it', () => {
    const { calibration } = quality.protocols[0]
    const shown = part(ReliabilityPlot, { bins: calibration.bins, ece: calibration.ece })
    expect(shown.find('svg[role=img]').attributes('aria-label')).toContain('0.031')
    expect(shown.findAll('circle')).toHaveLength(calibration.bins.length)
    expect(shown.findAll('tbody tr').at(-1)!.text()).toBe('96%95%241')
  })
})

describe('drift', () => {
  test('has a verdict in words, and for each attribute what moved from where to where', () => {
    const text = part(DriftPanel, { report: drift }).text()
    expect(text).toContain('다시 학습하세요')
    expect(text).toContain('0.412')
    expect(text).toContain('값 없음')
    expect(text).toContain('2% → 31%')
    expect(text).toContain('92 초과')
  })
  test('with too few requests says how many are needed, and shows no table of zeros', () => {
    const few = { ...drift, requests: 12, verdict: 'no_data' as const, reason: 'few_requests' as const }
    const shown = part(DriftPanel, { report: few })
    expect(shown.text()).toContain('요청 12건을 집계했습니다. 50건이 필요합니다')
    expect(shown.find('table').exists()).toBe(false)
  })
})

describe('adoption', () => {
  test('shows what was kept, by day and by confidence', () => {
    const shown = part(AdoptionPanel, { report: adoption })
    for (const words of ['31', '91.4%', '0.84']) expect(shown.text()).toContain(words)
    expect(shown.findAll('svg rect')).toHaveLength(3)
    expect(shown.findAll('tbody tr')).toHaveLength(2)
  })
  test('without a saved routing is words, never zeros', () => {
    const text = part(AdoptionPanel, { report: noAdoption }).text()
    expect(text).toContain('아직 없습니다')
    expect(text).not.toMatch(/\d/)
  })
})

describe('the page', () => {
  const page = async (answer: (path: string) => Response) => {
    const shown = show(QualityPage)
    globalThis.fetch = (async (input: string) => {
      if (input === '/readyz') return Response.json({ ready: true, reason: null, version: '2026.11.01_3', epoch: 3 })
      return answer(input)
    }) as typeof fetch
    for (let turn = 0; turn < 5; turn++) {
      await new Promise((resume) => setTimeout(resume, 10))
      await flushPromises()
    }
    return shown
  }
  test('shows the active version’s quality and leads to its report in the language of the screen', async () => {
    const shown = await page(() => Response.json(quality))
    expect(shown.text()).toContain('87.1%')
    expect(shown.find('a').attributes('href')).toBe('/api/v1/models/2026.11.01_3/report?lang=ko')
  })
  test('a version from before quality was kept is said so, not as a failure', async () => {
    const shown = await page(() => Response.json({ code: 'not_found', message: 'no report', requestId: 'r' }, { status: 404 }))
    expect(shown.text()).toContain('품질 파일이 없습니다')
    expect(shown.find('[role=alert]').exists()).toBe(false)
  })
  test('a failure is shown with a way to try again', async () => {
    const shown = await page(() => Response.json({ code: 'internal', message: 'failed', requestId: 'r' }, { status: 500 }))
    expect(shown.find('[role=alert]').text()).toContain('다시 시도')
  })
})
