/** The quality report in a real browser, served by the real app with its own headers. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Browser, Page } from 'playwright-core'
import type { QualityReport } from '../../server/contract/quality'
import { scoreTimeKind } from '../../server/domain/evaluation/time-quality'
import { seededRandom } from '../../server/domain/random'
import { reportHtml } from '../../server/pipeline/evaluate/report-html'
import { report } from '../domain/sample-report'
import { startApp } from '../http/sample-app'
import { openPage, type PageOptions, startBrowser, type Watched } from './browser/browser'

declare const axe: { run: (root: Document) => Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> }

setDefaultTimeout(60_000)
const axeSource = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const random = seededRandom(4)
const minutes = Array.from({ length: 400 }, () => {
  const actual = 1 + 200 * random() ** 3
  const p50 = actual * (0.7 + 0.6 * random())
  return { actual, p10: 0.6 * p50, p50, p90: 1.5 * p50, median: 40 }
})
const [plain] = report(91).protocols
const reports: Record<string, QualityReport> = {
  '2026.01.01_1': report(91, 100, {
    protocols: [
      plain,
      ...[0.1, 0.3, 0.5].map((blanked) => ({
        ...report(100 * (0.9 - blanked)).protocols[0],
        name: `item, ${100 * blanked} % blanked`,
        blanked,
      })),
      { ...report(40).protocols[0], name: 'Subcategory & <b>' },
    ],
    times: [scoreTimeKind('setup', minutes, random)!, scoreTimeKind('run', minutes, random)!],
    retrieval: { queries: 400, curve: [16, 64, 256].map((ef) => ({ ef, recall10: 1 - 1 / ef, recall50: 1 - 2 / ef })), presets: {} },
    chosen: {
      voteExponent: 8,
      modelShare: 0.5,
      far: { below: 0.7, modelShare: 0.9, habitShare: null },
      habitShare: 0,
      similarityMin: 0.4,
      trials: [
        { voteExponent: 8, modelShare: 0.5, em1: 0.91, em5: 0.95 },
        { voteExponent: 2, modelShare: 0, em1: 0.7, em5: 0.8 },
      ],
      times: [{ kind: 'run', method: 'regression on sizes alone', error: 0.1, lost: [{ method: 'median alone', error: 0.3 }] }],
      weights: [
        { name: 'OUTDIAMETER', prior: 2, learned: 4, importance: 0.03 },
        { name: '<script>alert(1)</script>', prior: 1, learned: 0.5, importance: null },
      ],
    },
  }),
  '2026.01.01_2': report(0, 0, { retrieval: null }),
}
let app: ReturnType<typeof startApp>
let browser: Browser

beforeAll(async () => {
  app = startApp({ modelReport: async (version, lang) => reportHtml(reports[version], { version, lang }) })
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await app?.stop()
})

async function onReport(version: string, options: PageOptions, act: (page: Page, watched: Watched) => Promise<void>): Promise<void> {
  const watched = await openPage(browser, app.url.origin, options)
  try {
    await watched.page.goto(`/api/v1/models/${version}/report`)
    await act(watched.page, watched)
    expect({ foreign: watched.foreign, errors: watched.errors }).toEqual({ foreign: [], errors: [] })
  } finally {
    await watched.close()
  }
}

/** Text as it is seen: what the style hides is not there. */
const shown = async (page: Page, selector: string) => (await page.locator(selector).allInnerTexts()).join('\n')

async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  return page.evaluate(async () =>
    (await axe.run(document)).violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target}`)),
  )
}

describe('the report', () => {
  test('asks the network for nothing but itself', () =>
    onReport('2026.01.01_1', {}, async (page) => {
      const asked: string[] = []
      page.on('request', (request) => asked.push(request.url()))
      await page.reload()
      await page.waitForLoadState('networkidle')
      expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([page.url()])
    }))

  test('speaks one language at a time and changes it without a script', () =>
    onReport('2026.01.01_1', {}, async (page) => {
      expect(await shown(page, 'h1')).toContain('How good are the drafts?')
      expect(await shown(page, 'h1')).not.toContain('초안')
      await page.getByLabel('한국어').check()
      expect(await shown(page, 'h1')).toContain('초안은 얼마나 믿을 만한가?')
      expect(await shown(page, 'main')).not.toContain('How good')
      expect(await page.locator('script').count()).toBe(0)
    }))

  test('shows what the plant calls things as text', () =>
    onReport('2026.01.01_1', {}, async (page) => {
      expect(await shown(page, 'main')).toContain('<script>alert(1)</script>')
      expect(await shown(page, 'main')).toContain('Subcategory & <b>')
    }))

  test('says no data in every part that has none', () =>
    onReport('2026.01.01_2', {}, async (page) => {
      const sections = await page.locator('section').allInnerTexts()
      expect(sections).toHaveLength(8)
      for (const text of sections.slice(0, -1)) expect(text).toContain('no data')
      expect(await shown(page, 'main')).not.toMatch(/NaN|undefined|Infinity/)
    }))

  test('has a plot for confidence, sequences, decay, times, search and weights', () =>
    onReport('2026.01.01_1', {}, async (page) => {
      const names = await page.getByRole('img').evaluateAll((plots) => plots.map((plot) => plot.getAttribute('aria-labelledby')))
      expect(names).toEqual([
        'fig-sequences',
        'fig-reliability',
        'fig-decay',
        'fig-time-setup',
        'fig-time-run',
        'fig-recall',
        'fig-weights',
      ])
      expect(await page.content()).not.toMatch(/NaN|undefined|Infinity/)
    }))

  for (const theme of ['light', 'dark'] as const) {
    for (const width of [1280, 390]) {
      test(`axe finds nothing and nothing overflows: ${theme}, ${width} px`, () =>
        onReport('2026.01.01_1', { theme, width }, async (page) => {
          for (const label of ['English', '한국어']) {
            await page.getByLabel(label).check()
            expect([label, await violations(page)]).toEqual([label, []])
            expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
          }
        }))
    }
  }
})
