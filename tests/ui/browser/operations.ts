/** The pages of operators against the real server: two people at once, what a role may not do, figures of requests that were really made. */
import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { CurrentConfig } from '../../../server/contract/runtime-config'
import type { Stage } from './journeys'
import { reach } from './reach'

const preset = (page: Page, at: number) => page.locator('label:has([name=ef-preset])').nth(at)
const apply = (page: Page) => page.getByRole('button', { name: '적용', exact: true })
const configOf = async (page: Page) => (await (await page.request.get('/api/v1/config')).json()) as CurrentConfig
/** Back to the defaults, as a program would do it. */
const restore = async (page: Page) => {
  const { revision, changed } = await configOf(page)
  if (changed.length === 0) return
  await page.request.post('/api/v1/config/revert', { data: { revision: 0, note: 'test' }, headers: { 'if-match': `"${revision}"` } })
}

export function operations({ server, onPage }: Stage): void {
  describe('the configuration', () => {
    test('of two who change the same value the second sees the first’s, and nothing is overwritten until they say so', async () => {
      await onPage(async (first) => {
        await onPage(async (second) => {
          await restore(first)
          for (const page of [first, second]) {
            await page.goto('/admin/config')
            await preset(page, 0).waitFor()
          }
          await preset(second, 2).click()
          await preset(first, 0).click()
          await apply(first).click()
          await first.getByText(/적용되었습니다/).waitFor()
          await second.getByText('그사이 다른 사람이 설정을 바꿨습니다').waitFor()
          expect(await apply(second).isDisabled()).toBe(true)
          expect((await configOf(second)).config.search.efSearch).toBe(256)
          await second.getByRole('button', { name: /위에 내 변경 얹기/ }).click()
          await apply(second).click()
          await second.getByText(/적용되었습니다/).waitFor()
          expect((await configOf(second)).config.search.efSearch).toBe(32)
          // The first one’s page follows without a word.
          await reach(() => first.locator('[name=ef-preset]:checked').inputValue(), '32')
          expect(await first.locator('[name=ef-preset]:checked').inputValue()).toBe('32')
          await restore(second)
        })
      })
    })
    test('unsaved changes are tried on an item before they apply, and leaving asks', async () => {
      await onPage(async (page) => {
        await page.goto('/admin/config')
        await preset(page, 2).click()
        await page.getByRole('button', { name: /\(으\)로 해보기/ }).click()
        await page.getByRole('region', { name: '무엇이 달라지는지' }).getByRole('rowheader', { name: '신뢰도' }).waitFor()
        page.once('dialog', (question) => question.dismiss())
        await page.getByRole('link', { name: '품질' }).click()
        expect(page.url()).toEndWith('/admin/config')
        await page.getByRole('button', { name: '버리기' }).click()
        await page.getByRole('link', { name: '품질' }).click()
        await page.waitForURL('**/quality')
      })
    })
  })

  describe('versions', () => {
    test('notes are changed in place, and the active version offers neither activation nor deletion', async () => {
      await onPage(async (page) => {
        await page.goto('/admin/models')
        const row = page.locator('tr[data-version]').filter({ has: page.getByText('활성', { exact: true }) })
        const name = (await row.getAttribute('data-version')) as string
        expect(await row.getByRole('button', { name: /활성화|삭제/ }).count()).toBe(0)
        await row.getByRole('button', { name: `${name} 메모 고치기` }).click()
        await page.keyboard.press('Control+a')
        await page.keyboard.type('<b>정기 교체</b>')
        await page.keyboard.press('Control+Enter')
        await row.getByText('<b>정기 교체</b>').waitFor()
        await page.reload()
        await row.getByText('<b>정기 교체</b>').waitFor()
      })
    })
    test('a switch to what is not there any more says so and changes nothing', async () => {
      await onPage(async (page) => {
        await page.goto('/admin/models')
        await page.locator('[data-version]').first().waitFor()
        const answer = await page.request.post('/api/v1/models/2020.01.01_1/activate', { data: {} })
        expect(answer.status()).toBe(404)
      })
    })
  })

  describe('the dashboard', () => {
    test('shows requests that were made, in the range and the route of its address, and no zeros for what is not known', async () => {
      const { url, item, headers } = server()
      for (let turn = 0; turn < 20; turn++)
        await fetch(`${url}/api/v1/predict`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify({ item }),
        })
      await onPage(async (page) => {
        await page.goto('/ops?range=6h&route=%2Fapi%2Fv1%2Fpredict')
        expect(await page.getByRole('radio', { name: '6h' }).isChecked()).toBe(true)
        expect(await page.getByLabel('경로', { exact: true }).inputValue()).toBe('/api/v1/predict')
        await page
          .locator('[data-tile=version]')
          .getByText(/\d{4}\.\d\d\.\d\d_/)
          .waitFor()
        for (const chart of ['rate', 'latency', 'errors', 'hits'])
          expect(await page.locator(`[data-chart=${chart}] svg[role=img]`).count()).toBe(1)
        await page.locator('[data-objective=availability]').waitFor()
        await page.locator('[data-health]').waitFor()
        await page.getByRole('button', { name: '멈춤' }).click()
        await page.getByText(/에 멈췄습니다/).waitFor()
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()])
        expect(file.suggestedFilename()).toMatch(/^routewright-6h-.*\.csv$/)
      })
    })
  })

  describe('the audit', () => {
    test('tells who changed what from what to what, and that its chain holds', async () => {
      await onPage(async (page) => {
        await restore(page)
        await page.goto('/admin/config')
        await preset(page, 0).click()
        await apply(page).click()
        await page.getByText(/적용되었습니다/).waitFor()
        await page.goto('/admin/audit?action=config.patch')
        await page.locator('[data-chain]').getByText('온전합니다').waitFor()
        await page.locator('[data-entry] button').first().click()
        const cells = page.locator('[data-entry]').first().getByRole('cell')
        expect(await cells.allTextContents()).toEqual(['96', '256'])
        await restore(page)
      })
    })
  })
}
