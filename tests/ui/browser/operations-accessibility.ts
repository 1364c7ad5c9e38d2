/** Axe on every state of the operators' pages, in both themes and languages and in a narrow window. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { violations } from './accessibility'
import type { Stage } from './journeys'

type State = [name: string, reach: (page: Page) => Promise<unknown>]
const close = (page: Page) => page.keyboard.press('Escape').then(() => page.locator('dialog[open]').waitFor({ state: 'detached' }))

/** In order: each goes on from the one before. */
const states: State[] = [
  ['versions', (page) => page.goto('/admin/models').then(() => page.locator('[data-version]').first().waitFor())],
  [
    'versions unfolded',
    async (page) => {
      await page.locator('[data-verdict]').first().waitFor()
      for (const summary of await page.locator('summary').all()) await summary.click()
    },
  ],
  [
    'notes being written',
    async (page) => {
      await page.locator('[data-version] button.cursor-text').first().click()
      await page.locator('[data-version] textarea').waitFor()
    },
  ],
  [
    'activation',
    async (page) => {
      await page.locator('[data-version] textarea').press('Escape')
      await page.locator('[data-version] button[class*=primary]').first().click()
      await page.locator('dialog[open] [data-verdict]').waitFor()
    },
  ],
  [
    'a new job',
    async (page) => {
      await close(page)
      await page.locator('[data-part=training] header button').first().click()
      await page.locator('#job-source').waitFor()
    },
  ],
  [
    'an index to rebuild',
    async (page) => {
      await page.locator('dialog[open] input[type=radio]').last().check({ force: true })
      await page.locator('#job-m').waitFor()
    },
  ],
  [
    'settings',
    (page) =>
      close(page)
        .then(() => page.goto('/admin/config'))
        .then(() => page.locator('[name=ef-preset]').first().waitFor({ state: 'attached' })),
  ],
  [
    'settings changed',
    async (page) => {
      await page.locator('label:has([name=ef-preset]):not(:has(:checked))').first().click()
      await page.locator('#config-note').waitFor()
    },
  ],
  [
    'revisions',
    async (page) => {
      page.once('dialog', (question) => question.accept())
      await page.goto('/admin/config?view=history')
      await page.locator('#diff-from').waitFor()
    },
  ],
  ['operations', (page) => page.goto('/ops').then(() => page.locator('[data-objective]').first().waitFor())],
  [
    'every check of the health',
    async (page) => {
      await page.locator('[data-health]').waitFor()
      await page.locator('[data-part=health] header button').click()
    },
  ],
  [
    'a point that is read',
    async (page) => {
      await page.locator('[data-chart=latency] [role=group]').focus()
      await page.keyboard.press('ArrowLeft')
    },
  ],
  [
    'a slow request',
    async (page) => {
      const first = page.locator('[data-part=slow] td button').first()
      if ((await first.count()) > 0) await first.click()
    },
  ],
  [
    'audit',
    async (page) => {
      await page.goto('/admin/audit')
      await page.locator('[data-entry] button').first().click()
    },
  ],
]

export function operationsAccessibility({ onPage }: Stage): void {
  for (const theme of ['light', 'dark'] as const) {
    for (const locale of ['ko-KR', 'en-US'] as const) {
      for (const width of theme === 'dark' && locale === 'en-US' ? [390, 1440] : [1440]) {
        test(`axe finds nothing on the operators’ pages: ${theme}, ${locale}, ${width} px`, async () => {
          await onPage(
            async (page) => {
              for (const [name, reach] of states) {
                await reach(page)
                expect([name, await violations(page)]).toEqual([name, []])
              }
            },
            { theme, locale, width },
          )
        }, 180_000)
      }
    }
  }
}
