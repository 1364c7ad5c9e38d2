/** axe finds nothing on the pages of people, in both themes and languages, with everything opened that can be opened. */
import { expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import { violations } from './accessibility'
import type { Stage } from './journeys'
import { emptyFolder, startServer } from './plant-server'

type State = [name: string, reach: (page: Page) => Promise<unknown>]
const ready = (page: Page) => page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' })
const go = (path: string) => (page: Page) => page.goto(path).then(() => ready(page))

/** As nobody; `applicant` registers, so that somebody waits. */
const outside = (applicant: string): State[] => [
  ['login', go('/login')],
  [
    'login refused',
    async (page) => {
      await page.locator('input[name=login]').fill('nobody')
      await page.locator('form input[type=password]').fill('wrong')
      await page.keyboard.press('Enter')
      await page.getByRole('alert').waitFor()
    },
  ],
  ['new password', go('/reset')],
  ['nobody waits', (page) => go('/pending')(page).then(() => page.locator('a[href="/register"]').waitFor())],
  ['register', go('/register')],
  [
    'rules of a password',
    async (page) => {
      await page.locator('input[name=login]').fill(applicant)
      await page.locator('form input[type=password]').fill(applicant)
    },
  ],
  [
    'password shown',
    async (page) => {
      await page.locator('form input[type=password]').fill(`${applicant} drills a deep bore`)
      await page.locator('form button[aria-pressed]').click()
    },
  ],
  [
    'waiting',
    (page) =>
      page
        .locator('form button[type=submit]')
        .click()
        .then(() => page.getByText('admin', { exact: true }).waitFor()),
  ],
]

/** As the admin; somebody waits. */
const inside: State[] = [
  ['users', (page) => go('/admin/users')(page).then(() => page.locator('table').waitFor())],
  [
    'reason of a rejection',
    async (page) => {
      await page.locator('li[tabindex]').first().waitFor()
      await page.locator('body').press('r')
      await page.locator('li form').waitFor()
    },
  ],
  ['one account', (page) => page.locator('tbody button').first().click()],
  ['everybody', (page) => page.locator('input[name=status]').last().check({ force: true })],
  ['keys', (page) => go('/admin/keys')(page).then(() => page.locator('form').waitFor())],
  [
    'a new key',
    async (page) => {
      await page.locator('form input[type=text]').fill('axe')
      await page.locator('form button[type=submit]').click()
      await page.locator('#new-key-title').waitFor()
      await page.locator('tbody button').first().click()
    },
  ],
  ['account', (page) => go('/account')(page).then(() => page.locator('table').waitFor())],
  ['menu of the user', (page) => page.locator('[popovertarget=user-menu]').click()],
  [
    'the session ended',
    async (page) => {
      const { sessions } = await (await page.request.get('/api/v1/auth/sessions')).json()
      const own = sessions.find(({ current }: { current: boolean }) => current)
      await page.request.delete(`/api/v1/auth/sessions/${own.id}`)
      await page.locator('nav a[href="/items"]').click()
      await page.locator('dialog input[type=password]').waitFor()
    },
  ],
]

async function check(page: Page, states: State[]): Promise<void> {
  for (const [name, reach] of states) {
    await reach(page)
    expect([name, await violations(page)]).toEqual([name, []])
  }
}

export function peopleAccessibility({ onPage, onServer }: Stage): void {
  for (const theme of ['light', 'dark'] as const) {
    for (const locale of ['ko-KR', 'en-US'] as const) {
      const width = locale === 'en-US' && theme === 'dark' ? 390 : 1440
      test(`axe finds nothing on the pages of people: ${theme}, ${locale}, ${width} px`, async () => {
        const look = { theme, locale, width }
        await onPage((page) => check(page, outside(`axe.${theme}.${locale.toLowerCase()}`)), { ...look, account: null })
        await onPage((page) => check(page, inside), look)
        const empty = await startServer(emptyFolder())
        try {
          const begin: State[] = [
            ['the start without a link', go('/')],
            ['the first start', go(empty.setupUrl as string)],
            [
              'looked around first',
              (page) =>
                page
                  .locator('form button[type=button]')
                  .last()
                  .click()
                  .then(() => page.locator('aside a').waitFor()),
            ],
          ]
          await onServer(empty.url, (page) => check(page, begin), look)
        } finally {
          await empty.stop()
        }
      }, 180_000)
    }
  }
}
