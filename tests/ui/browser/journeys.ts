/** What an engineer does on the screen, start to end, against the real server. */
import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Item } from '../../../server/contract/item'
import type { PageOptions, Watched } from './browser'
import type { PlantServer } from './plant-server'

export interface Stage {
  server: () => PlantServer
  /** Opens a page, logged in as the admin unless told, runs the act, and holds that nothing left the origin and nothing was logged as an error. */
  onPage: (act: (page: Page, watched: Watched) => Promise<void>, options?: PageOptions) => Promise<void>
  /** The same on another server; nobody is logged in unless told. */
  onServer: (url: string, act: (page: Page) => Promise<void>, options?: PageOptions) => Promise<void>
}

const steps = (page: Page) => page.locator('[role=table] [role=row].step-grid:has([role=cell])')
const similar = (page: Page) => page.getByRole('region', { name: '유사품목' }).getByRole('listitem')
const itemOf = async ({ url, item, headers }: PlantServer) =>
  (await (await fetch(`${url}/api/v1/items/${encodeURIComponent(item)}`, { headers })).json()) as Item

export function journeys({ server, onPage }: Stage): void {
  describe('the prediction screen', () => {
    test('a first visit offers one thing to do, and it gives a routing', async () => {
      await onPage(async (page) => {
        await page.goto('/')
        await page.getByRole('button', { name: '예시 품목으로 해보기' }).click()
        await steps(page).first().waitFor()
        expect(page.url()).toContain('/predict?item=')
      })
    })

    test('an item code gives a verdict, candidates with times, and similar items with reasons', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.getByRole('tab', { name: '품목 코드' }).click()
        await page.locator('#item-code').fill(server().item)
        await page.getByRole('button', { name: '예측', exact: true }).click()
        await steps(page).first().waitFor()
        expect(await page.getByRole('region', { name: '판정' }).textContent()).toMatch(/(높음|보통|낮음) [01]\.\d\d|판정 보류/)
        expect(await similar(page).count()).toBeGreaterThan(0)
        expect(await page.getByRole('definition').count()).toBeGreaterThan(0)
        expect(new URL(page.url()).searchParams.get('item')).toBe(server().item)
      })
    })

    test('an address with an item opens its prediction, and going to an item and back keeps it', async () => {
      await onPage(async (page) => {
        await page.goto(`/predict?item=${encodeURIComponent(server().item)}`)
        await steps(page).first().waitFor()
        const before = await steps(page).count()
        await similar(page).first().getByRole('link').first().click()
        await page.waitForURL('**/items/**')
        await page.getByRole('heading', { level: 1 }).waitFor()
        await page.goBack()
        await steps(page).first().waitFor()
        expect(await steps(page).count()).toBe(before)
      })
    })

    test('attributes list similar items while typing and predict on Enter', async () => {
      const { attributes } = await itemOf(server())
      await onPage(async (page) => {
        await page.goto('/predict')
        const field = page.locator('#attribute-PART_TYPE')
        await field.fill(String(attributes.PART_TYPE))
        await similar(page).first().waitFor()
        await page.keyboard.press('Escape')
        await field.press('Enter')
        await steps(page).first().waitFor()
        expect(new URL(page.url()).search).toBe('')
      })
    })

    test('a pasted row is recognised column by column and predicted', async () => {
      const { attributes } = await itemOf(server())
      const known = Object.entries(attributes).filter(([, value]) => value !== null)
      const text = [
        [...known.map(([name]) => name), '비고'],
        [...known.map(([, value]) => value), '급'],
      ]
        .map((row) => row.join('\t'))
        .join('\n')
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.getByRole('tab', { name: '붙여넣기' }).click()
        await page.locator('#paste').fill(text)
        const recognised = page.getByRole('region', { name: '인식한 열', exact: true })
        await recognised.waitFor()
        expect(await recognised.locator('dl > div').count()).toBeGreaterThan(known.length / 2)
        expect(await page.getByRole('region', { name: '인식하지 못한 열' }).textContent()).toContain('비고')
        await page.getByRole('button', { name: '예측', exact: true }).click()
        await steps(page).first().waitFor()
      })
    })

    test('a value that was never seen is marked at its field', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.locator('#attribute-PART_TYPE').fill('never-seen-before')
        await page.locator('#attribute-PART_TYPE-note').waitFor()
        expect(await page.locator('#attribute-PART_TYPE').getAttribute('aria-describedby')).toContain('attribute-PART_TYPE-note')
      })
    })

    test('every candidate has its tab, and the comparison a column for each', async () => {
      await onPage(async (page) => {
        await page.goto(`/predict?item=${encodeURIComponent(server().newItem)}`)
        await steps(page).first().waitFor()
        const tabs = page.getByRole('tablist', { name: '후보' }).getByRole('tab')
        const candidates = (await tabs.count()) - 1
        expect(candidates).toBeGreaterThan(1)
        await tabs.last().click()
        expect(await page.getByRole('region', { name: '비교' }).locator('thead th').count()).toBe(candidates + 1)
      })
    })

    test('a row opens its samples and the items that it comes from', async () => {
      await onPage(async (page) => {
        await page.goto(`/predict?item=${encodeURIComponent(server().item)}`)
        await page
          .getByRole('button', { name: /공순 \d+ 상세/ })
          .first()
          .click()
        expect(await page.getByRole('columnheader', { name: 'p90' }).count()).toBe(1)
      })
    })
  })

  describe('when something is wrong', () => {
    test('an unknown item is said at the field and in the middle', async () => {
      await onPage(async (page) => {
        await page.goto('/predict?item=NO-SUCH-ITEM')
        await page.getByRole('alert').waitFor()
        expect(await page.getByRole('alert').textContent()).toContain('unknown_item')
        expect(await page.locator('#item-code').getAttribute('aria-invalid')).toBe('true')
      })
    })
    test('a value that cannot be read is said at its field', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.locator('#attribute-OUTDIAMETER').fill('about so big')
        await page.locator('#attribute-OUTDIAMETER').press('Enter')
        await page.getByRole('alert').first().waitFor()
        expect(await page.locator('#attribute-OUTDIAMETER').getAttribute('aria-invalid')).toBe('true')
      })
    })
    test('no active version gives words to act on and a way to try again', async () => {
      await onPage(async (page) => {
        const problem = { code: 'model_not_loaded', message: 'no model', requestId: 'r-1' }
        await page.route('**/api/v1/predict', (route) => route.fulfill({ status: 503, json: problem }))
        await page.goto(`/predict?item=${encodeURIComponent(server().item)}`)
        await page.getByRole('alert').waitFor()
        expect(await page.getByRole('alert').textContent()).toContain('아직 활성 버전이 없습니다')
        await page.unroute('**/api/v1/predict')
        await page.getByRole('button', { name: '다시 시도' }).click()
        await steps(page).first().waitFor()
      })
    })
    test('a form that cannot be had is said once and not asked for again and again', async () => {
      await onPage(async (page) => {
        let asked = 0
        await page.route('**/api/v1/form', (route) => {
          asked++
          return route.fulfill({ status: 503, json: { code: 'model_not_loaded', message: 'no model', requestId: 'r-1' } })
        })
        await page.goto('/predict')
        await page.getByRole('alert').waitFor()
        await page.waitForTimeout(1_500)
        expect(asked).toBeLessThanOrEqual(2)
      })
    })
    test('a server that is away is told apart from one that refuses', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.locator('#attribute-PART_TYPE').waitFor()
        for (const path of ['**/api/**', '**/readyz']) await page.route(path, (route) => route.abort())
        await page.getByRole('button', { name: '예시 품목으로 해보기' }).click()
        await page.getByRole('alert').first().waitFor()
        expect(await page.getByRole('alert').first().textContent()).toContain('offline')
        // sooner than the state of the connection is asked for by itself
        await page.getByText('연결 끊김').waitFor({ timeout: 8_000, state: 'attached' })
      })
    })
  })
}
