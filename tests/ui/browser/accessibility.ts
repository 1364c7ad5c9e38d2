/** axe finds nothing, in both themes and both languages, in every state that a person can reach, popups open. */
import { expect, test } from 'bun:test'
import { readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import type { Stage } from './journeys'

declare const axe: {
  run: (root: Document, options: object) => Promise<{ violations: { id: string; nodes: { target: string[]; html: string }[] }[] }>
}

const source = readFileSync(new URL(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source)
  return page.evaluate(async () => {
    const { violations } = await axe.run(document, { resultTypes: ['violations'] })
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.html.slice(0, 160)}`))
  })
}

type State = [name: string, reach: (page: Page, item: string) => Promise<unknown>]

/** In order: each goes on from the one before. */
const states: State[] = [
  ['first visit', (page) => page.goto('/predict').then(() => page.locator('#attribute-PART_TYPE').waitFor())],
  [
    'suggestions open',
    (page) =>
      page
        .locator('#attribute-PART_TYPE')
        .click()
        .then(() => page.getByRole('option').first().waitFor()),
  ],
  [
    'everything unfolded',
    async (page) => {
      await page.keyboard.press('Escape')
      for (const summary of await page.locator('summary').all()) await summary.click()
    },
  ],
  [
    'pasted row',
    async (page) => {
      await page.getByRole('tab').nth(1).click()
      await page.locator('#paste').fill('PART_TYPE\tOUTDIAMETER\tzzz\n11#1\t99999\t1\n11#1\t92\t1')
      await page.getByRole('listitem').first().waitFor()
    },
  ],
  [
    'item suggestions open',
    async (page, item) => {
      await page.getByRole('tab').nth(2).click()
      await page.locator('#item-code').fill(item.slice(0, 4))
      await page.getByRole('option').first().waitFor()
    },
  ],
  ['answer', (page, item) => page.goto(`/predict?item=${encodeURIComponent(item)}`).then(() => page.locator('[role=table]').waitFor())],
  [
    'row and reasons open',
    async (page) => {
      await page.locator('[role=table] .step-toggle button').first().click()
      await page.locator('ol button[aria-expanded=false]').first().click()
    },
  ],
  [
    'alternatives open',
    async (page) => {
      const button = page.locator('[role=table] [aria-haspopup=dialog]').first()
      if ((await button.count()) > 0) await button.click()
    },
  ],
  ['comparison', (page) => page.keyboard.press('Escape').then(() => page.locator('[id^=candidate-tab-]').last().click())],
  [
    'an item left out',
    async (page) => {
      await page.locator('ol input[type=checkbox]').nth(1).click()
      await page.locator('[role=group] input[type=checkbox]').waitFor()
    },
  ],
  [
    'what would change it',
    async (page) => {
      await page.locator('section[aria-labelledby=what-if-title] header button').click()
      await page.locator('#what-if-value').waitFor()
      for (const summary of await page.locator('section[aria-labelledby=what-if-title] summary').all()) await summary.click()
    },
  ],
  [
    'groups',
    async (page) => {
      await page.locator('#similar-tab-1').click()
      await page.locator('#similar-panel li').first().waitFor()
      await page.locator('#similar-panel summary').first().click()
    },
  ],
  [
    'attributes to filter by',
    async (page) => {
      await page.locator('#filter-add').click()
      await page.locator('#filter-step li').first().waitFor()
    },
  ],
  [
    'values to filter by',
    async (page) => {
      await page.locator('#filter-step li button[title=STANDARD_YN]').click()
      await page.locator('#filter-step input[type=checkbox]').first().check()
      await page
        .locator('[role=status]', { hasText: /[1-9]\d*/ })
        .first()
        .waitFor()
    },
  ],
  [
    'a filter that leaves nothing',
    (page, item) =>
      page
        .goto(`/predict?item=${encodeURIComponent(item)}&filter.STANDARD_YN=none`)
        .then(() => page.locator('section ul [role=status], section [role=status]', { hasText: '0' }).first().waitFor()),
  ],
  [
    'a filter that is refused',
    (page, item) =>
      page.goto(`/predict?item=${encodeURIComponent(item)}&filter.NO_SUCH=2`).then(() => page.getByRole('alert').first().waitFor()),
  ],
  [
    'back at the answer',
    (page, item) => page.goto(`/predict?item=${encodeURIComponent(item)}`).then(() => page.locator('[role=table]').waitFor()),
  ],
  ['list of keys', (page) => page.locator('body').press('?')],
  ['unknown item', (page) => page.goto('/predict?item=NO-SUCH-ITEM').then(() => page.getByRole('alert').waitFor())],
  [
    'abstention',
    async (page) => {
      await page.goto('/predict')
      await page.locator('#attribute-OUTDIAMETER').fill('9000')
      await page.locator('#attribute-OUTDIAMETER').press('Enter')
      await page.locator('[role=table]').waitFor()
    },
  ],
  ['items', (page) => page.goto('/items').then(() => page.locator('tbody a').first().waitFor())],
  ['item', (page, item) => page.goto(`/items/${encodeURIComponent(item)}`).then(() => page.getByRole('heading', { level: 1 }).waitFor())],
  ['quality', (page) => page.goto('/quality').then(() => page.locator('#quality-panel table').first().waitFor())],
  ['drift', (page) => page.goto('/quality?view=drift').then(() => page.locator('#quality-panel[aria-busy=false] p').first().waitFor())],
  [
    'adoption',
    (page) => page.goto('/quality?view=adoption').then(() => page.locator('#quality-panel[aria-busy=false] p').first().waitFor()),
  ],
  ['missing page', (page) => page.goto('/nowhere').then(() => page.getByRole('heading', { level: 1 }).waitFor())],
]

export function accessibility({ server, onPage }: Stage): void {
  for (const theme of ['light', 'dark'] as const) {
    for (const locale of ['ko-KR', 'en-US'] as const) {
      const width = locale === 'en-US' && theme === 'dark' ? 390 : 1440
      test(`axe finds nothing: ${theme}, ${locale}, ${width} px`, async () => {
        await onPage(
          async (page) => {
            for (const [name, reach] of states) {
              await reach(page, server().newItem)
              expect([name, await violations(page)]).toEqual([name, []])
            }
          },
          { theme, locale, width },
        )
      }, 180_000)
    }
  }
}
