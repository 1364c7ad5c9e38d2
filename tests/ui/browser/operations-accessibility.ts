/** Axe on every state of the operators' pages, in both themes and languages and in a narrow window. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { CurrentConfig } from '../../../server/contract/runtime-config'
import { violations } from './accessibility'
import type { Stage } from './journeys'

type State = [name: string, reach: (page: Page) => Promise<unknown>]
const close = (page: Page) => page.keyboard.press('Escape').then(() => page.locator('dialog[open]').waitFor({ state: 'detached' }))

/** As another person or a program would, so that there is a revision that this page has not made. */
async function changeElsewhere(page: Page): Promise<void> {
  const { revision, config } = (await (await page.request.get('/api/v1/config')).json()) as CurrentConfig
  const efSearch = config.search.efSearch === 80 ? 81 : 80
  const answer = await page.request.patch('/api/v1/config', { data: { search: { efSearch } }, headers: { 'if-match': `"${revision}"` } })
  expect(answer.status()).toBe(200)
}

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
  [
    'a revision to bring back',
    async (page) => {
      await changeElsewhere(page)
      await page.reload()
      await page.locator('ol li button[aria-label]').first().click()
      await page.locator('#revert-note').waitFor()
    },
  ],
  [
    'a change that somebody else was faster with',
    async (page) => {
      await close(page)
      // the page hears of nothing, so that the server has to refuse (412)
      await page.route('**/api/v1/events', (route) => route.abort())
      await page.goto('/admin/config')
      await page.locator('label:has([name=ef-preset]):not(:has(:checked))').first().click()
      await page.locator('#config-note').waitFor()
      await changeElsewhere(page)
      const refused = page.waitForResponse((answer) => answer.request().method() === 'PATCH')
      await page.locator('form:has(#config-note) button[type=submit]').click()
      expect((await refused).status()).toBe(412)
      await page.locator('[data-conflict]').waitFor()
    },
  ],
  [
    'nothing of it left',
    async (page) => {
      await page.unroute('**/api/v1/events')
      page.once('dialog', (question) => question.accept())
      await page.goto('/quality')
      await page.locator('h1').waitFor()
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
