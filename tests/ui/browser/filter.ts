/** Which past items may be evidence: a condition from the attribute to its values, in the address, and out again. */
import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { PredictRequest } from '../../../server/contract/predict'
import type { Stage } from './journeys'

const steps = (page: Page) => page.locator('[role=table] [role=row].step-grid:has([role=cell])')
const bar = (page: Page) => page.getByRole('region', { name: '필터' })
const similar = (page: Page) => page.getByRole('region', { name: '유사품목' })
const open = async (page: Page, item: string, rest = '') => {
  await page.goto(`/predict?item=${encodeURIComponent(item)}${rest}`)
  await page.getByRole('region', { name: '판정' }).waitFor()
}
const nextPrediction = async (page: Page): Promise<PredictRequest> =>
  (await page.waitForRequest((request) => request.url().endsWith('/api/v1/predict'))).postDataJSON()

export function filter({ server, onPage }: Stage): void {
  describe('a filter', () => {
    test('by keys: attribute, value, an answer from what is left; a reload keeps it, the cross ends it', async () => {
      const { headers, url, newItem } = server()
      const form = (await (await fetch(`${url}/api/v1/form`, { headers })).json()) as {
        items: number
        families: { value: string; count: number }[]
      }
      const [most] = form.families
      await onPage(async (page) => {
        await open(page, newItem)
        await bar(page).getByRole('button', { name: '조건 추가' }).focus()
        await page.keyboard.press('Enter')
        await page.getByPlaceholder('속성 찾기').waitFor()
        await page.keyboard.type('품목군')
        await page.keyboard.press('Enter')
        const search = page.getByPlaceholder('값 찾기')
        await search.waitFor()
        expect(await search.evaluate((field) => field === document.activeElement)).toBe(true)
        expect(await page.locator('#filter-step li').first().textContent()).toBe(`${most.value}${most.count.toLocaleString('ko')}`)
        const asked = nextPrediction(page)
        await page.keyboard.type(most.value)
        await page.keyboard.press('Enter')
        expect((await asked).filter).toEqual({ family: most.value })
        await page.keyboard.press('Escape')
        const told = `전체 ${form.items.toLocaleString('ko')}건 중 ${most.count.toLocaleString('ko')}건이 조건에 맞음`
        await bar(page).getByRole('status').filter({ hasText: told }).waitFor()
        await similar(page).getByText(told).waitFor()
        const families = await similar(page).locator('ol > li p.truncate').allTextContents()
        expect(families.length).toBe(10)
        expect(families.filter((text) => !text.includes(most.value))).toEqual([])
        expect(new URL(page.url()).searchParams.get('filter.family')).toBe(most.value)

        const again = nextPrediction(page)
        await page.reload()
        expect((await again).filter).toEqual({ family: most.value })
        await steps(page).first().waitFor()
        const without = nextPrediction(page)
        await bar(page)
          .getByRole('button', { name: `조건 빼기: 품목군 = ${most.value}` })
          .click()
        expect((await without).filter).toBeUndefined()
        expect(await page.evaluate(() => document.activeElement?.id)).toBe('filter-add')
        expect([...new URL(page.url()).searchParams.keys()]).toEqual(['item'])
      })
    })
    test('that leaves nothing says so with the numbers, and is cleared where the list is', async () => {
      await onPage(async (page) => {
        await open(page, server().newItem, '&filter.family=none')
        await bar(page).getByRole('status').filter({ hasText: '건 중 0건' }).waitFor()
        await page.getByText('조건에 맞는 품목이 없어 예측할 수 없습니다').waitFor()
        expect(await steps(page).count()).toBe(0)
        await similar(page).getByRole('button', { name: '필터 지우기' }).click()
        await steps(page).first().waitFor()
        expect(await bar(page).getByRole('listitem').count()).toBe(0)
      })
    })
    test('with fewer items than are asked for says what that means', async () => {
      const { headers, url, newItem } = server()
      const { fields } = (await (await fetch(`${url}/api/v1/form`, { headers })).json()) as {
        fields: { name: string; kind: string; values: { value: string; count: number }[] }[]
      }
      const rare = fields
        .filter(({ kind }) => kind === 'category')
        .flatMap(({ name, values }) => values.map((value) => ({ name, ...value })))
        .find(({ count }) => count > 1 && count < 10)!
      await onPage(async (page) => {
        await open(page, newItem, `&filter.${rare.name}=${encodeURIComponent(rare.value)}`)
        await bar(page)
          .getByRole('status')
          .filter({ hasText: `${rare.count}건뿐이라 요청한 유사품목 10건보다 적습니다` })
          .waitFor()
      })
    })
    test('by an attribute that the version does not have is marked, and can be taken away', async () => {
      await onPage(async (page) => {
        await page.goto(`/predict?item=${encodeURIComponent(server().newItem)}&filter.NO_SUCH=2&filter.STANDARD_YN=N`)
        await bar(page).getByRole('status').filter({ hasText: '필터할 수 있는 속성 NO_SUCH' }).waitFor()
        await page.getByRole('alert').filter({ hasText: 'NO_SUCH' }).waitFor()
        await bar(page).getByRole('button', { name: '조건 빼기: NO_SUCH = 2' }).click()
        await page.getByRole('region', { name: '판정' }).waitFor()
        expect(new URL(page.url()).searchParams.get('filter.STANDARD_YN')).toBe('N')
      })
    })
  })
}
