/** What an engineer does with an answer: rule out evidence, move the lot, ask what would change it, draw from groups. */
import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { PredictRequest } from '../../../server/contract/predict'
import type { Stage } from './journeys'

const steps = (page: Page) => page.locator('[role=table] [role=row].step-grid:has([role=cell])')
const ticks = (page: Page) => page.getByRole('region', { name: '유사품목' }).locator('ol input[type=checkbox]')
const open = async (page: Page, item: string) => {
  await page.goto(`/predict?item=${encodeURIComponent(item)}`)
  await steps(page).first().waitFor()
}
/** The body of the next prediction that the page asks for. */
const nextPrediction = async (page: Page): Promise<PredictRequest> =>
  (await page.waitForRequest((request) => request.url().endsWith('/api/v1/predict'))).postDataJSON()

export function evidence({ server, onPage }: Stage): void {
  describe('the evidence of an answer', () => {
    test('an item that is left out is neither listed nor asked with, and comes back', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        const first = ticks(page).first()
        const id = (await first.getAttribute('id')) as string
        const asked = nextPrediction(page)
        await first.click()
        expect((await asked).without).toEqual([id.replace('evidence-', '')])
        await page.getByText('1건 제외됨').waitFor()
        await page.locator(`ol #${id}`).waitFor({ state: 'detached' })
        await page.getByRole('button', { name: '모두 되돌리기' }).click()
        await page.locator(`ol #${id}`).waitFor()
        expect(await page.getByText('제외됨').count()).toBe(0)
      })
    })
    test('by keys alone: the focus stays with the item that was left out', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        const id = (await ticks(page).nth(1).getAttribute('id')) as string
        await page.locator(`#${id}`).focus()
        await page.keyboard.press('Space')
        await page.locator(`[role=group] #${id}`).waitFor()
        expect(await page.evaluate(() => document.activeElement?.id)).toBe(id)
        await page.keyboard.press('Space')
        await page.locator(`ol #${id}`).waitFor()
      })
    })
    test('a moved lot is answered at once, for the candidate that is shown', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        const lead = page.getByText(/리드타임 \(로트 [\d,]+개\)/)
        expect(await lead.textContent()).toBe('리드타임 (로트 1개)')
        await page.getByRole('tablist', { name: '후보' }).getByRole('tab').nth(1).click()
        await page.locator('summary', { hasText: '예측 옵션' }).click()
        const asked = nextPrediction(page)
        await page.getByRole('button', { name: '로트 100', exact: true }).click()
        expect((await asked).lot).toBe(100)
        await page.getByText('리드타임 (로트 100개)').waitFor()
        expect(await page.getByRole('tablist', { name: '후보' }).locator('[aria-selected=true]').textContent()).toStartWith('B')
        expect(await page.getByText('1개 변경됨').count()).toBe(1)
      })
    })
    test('a time strategy is sent as far as it differs, and reset', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        await page.locator('summary', { hasText: '예측 옵션' }).click()
        await page.locator('summary', { hasText: /^\s*시간/ }).click()
        const asked = nextPrediction(page)
        await page.getByText('분위수 기준', { exact: true }).click()
        expect((await asked).timeStrategy).toEqual({ profile: 'quantile' })
        const reset = page.getByRole('button', { name: '되돌리기', exact: true })
        await reset.click()
        await reset.waitFor({ state: 'detached' })
        expect(await page.getByRole('radio', { name: 'σ 기준' }).isChecked()).toBe(true)
        expect(await page.getByText('변경됨').count()).toBe(0)
      })
    })
    test('groups are listed, and give candidates of their own', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        const tabs = page.getByRole('tablist', { name: '후보' }).getByRole('tab')
        const before = await tabs.count()
        await page.getByRole('tab', { name: '그룹' }).click()
        await page.getByRole('button', { name: /후보로 \d+개 가져오기/ }).click()
        await tabs.nth(before).waitFor()
        await page.getByRole('button', { name: '그룹 빼기' }).click()
        await tabs.nth(before).waitFor({ state: 'detached' })
      })
    })
    test('what would change the answer is found on demand, and taken into the form', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        await page.getByRole('button', { name: '바뀌는 조건 찾기' }).click()
        const changes = page.getByRole('list', { name: '만약에' }).locator(':scope > li')
        await changes.first().waitFor()
        expect(await changes.first().textContent()).toMatch(/신뢰도 [01]\.\d\d → /)
        const asked = nextPrediction(page)
        await changes.first().getByRole('button', { name: '이 값으로' }).click()
        const { item, attributes } = await asked
        expect(item).toBeUndefined()
        expect(Object.keys(attributes ?? {}).length).toBeGreaterThan(1)
        expect(await page.getByRole('tab', { name: '속성', exact: true }).getAttribute('aria-selected')).toBe('true')
        await page.getByRole('button', { name: '바뀌는 조건 찾기' }).waitFor()
      })
    })
    test('a change of one’s own says what it does', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        await page.getByRole('button', { name: '바뀌는 조건 찾기' }).click()
        await page.locator('section[aria-labelledby=what-if-title] select').selectOption('OUTDIAMETER')
        await page.locator('#what-if-value').fill('250')
        await page.getByRole('button', { name: '확인', exact: true }).click()
        const told = page.getByRole('list', { name: '직접 바꿔 보기' }).locator(':scope > li')
        await told.waitFor()
        expect(await told.textContent()).toContain('250')
      })
    })
    test('a search for changes that fails says so in its place, and goes on', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem)
        const path = '**/api/v1/predict/counterfactual'
        await page.route(path, (route) => route.fulfill({ status: 503, json: { code: 'busy', message: 'busy', requestId: 'r-1' } }))
        await page.getByRole('button', { name: '바뀌는 조건 찾기' }).click()
        await page.getByRole('alert').waitFor()
        await page.unroute(path)
        await page.getByRole('button', { name: '다시 시도' }).click()
        await page.locator('#what-if-value').waitFor()
      })
    })
  })
}
