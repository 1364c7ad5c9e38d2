/** The quality page against the real server: what training measured, requests that were really asked, routings that were really saved. */
import { describe, expect, test } from 'bun:test'
import type { ItemList } from '../../../server/contract/item'
import type { Prediction } from '../../../server/contract/predict'
import type { Stage } from './journeys'
import type { PlantServer } from './plant-server'

/** More than the drift report wants to see. */
const REQUESTS = 60

async function post<T>({ url, headers }: PlantServer, path: string, body: object): Promise<T> {
  const sent = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
  const response = await fetch(`${url}${path}`, sent)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

export function quality({ server, onPage }: Stage): void {
  describe('the quality page', () => {
    test('is two keys away, and opens with what training measured in words', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.locator('#attribute-PART_TYPE').waitFor()
        await page.locator('body').press('g')
        await page.locator('body').press('q')
        const words = page.getByRole('region', { name: '요약' })
        await words.waitFor()
        expect(page.url()).toEndWith('/quality')
        expect(await words.textContent()).toMatch(/\d+(\.\d)?%은 첫 후보가/)
        expect(
          await page
            .getByRole('img', { name: /신뢰도 검증/ })
            .locator('circle')
            .count(),
        ).toBeGreaterThan(0)
        expect(await page.getByRole('region', { name: '단순한 방법과 비교' }).locator('tbody tr').count()).toBeGreaterThan(1)
        expect(await page.getByRole('region', { name: '시간', exact: true }).locator('tbody tr').count()).toBeGreaterThan(0)
      })
    })
    test('leads to the printable report', async () => {
      await onPage(async (page) => {
        await page.goto('/quality')
        const link = page.getByRole('link', { name: '인쇄용 보고서' })
        const answer = await fetch(new URL((await link.getAttribute('href')) as string, server().url), { headers: server().headers })
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8'])
      })
    })
    test('drift has a verdict once enough was asked', async () => {
      const { url, headers } = server()
      const { items } = (await (await fetch(`${url}/api/v1/items?limit=${REQUESTS}`, { headers })).json()) as ItemList
      for (const { item } of items) await post(server(), '/api/v1/predict', { item })
      await onPage(async (page) => {
        const table = page.getByRole('region', { name: '입력 변화' })
        // Requests are on their way to the database for about a second.
        for (let turn = 0; turn < 10; turn++) {
          await page.goto('/quality?view=drift')
          await page
            .getByText(/요청 [\d,]+건/)
            .first()
            .waitFor()
          if ((await table.count()) > 0) break
          await page.waitForTimeout(500)
        }
        expect(await table.locator('tbody tr').count()).toBeGreaterThan(5)
        expect(await table.locator('tbody tr').first().textContent()).toMatch(/(안정|주의|변함)\d+\.\d{3}/)
      })
    })
    test('adoption is said in words until a routing is saved, and in figures then', async () => {
      const { item } = server()
      await onPage(async (page) => {
        await page.goto('/quality?view=adoption')
        await page.locator('#quality-panel[aria-busy=false]').waitFor()
        const none = (await page.getByText('저장된 라우팅이 아직 없습니다').count()) > 0
        if (!process.env.ROUTEWRIGHT_URL) expect(none).toBe(true)
        const { id, candidates } = await post<Prediction>(server(), '/api/v1/predict', { item })
        const saved = candidates[0].steps.slice(1).map(({ operation, resource }) => ({ operation, resource }))
        await post(server(), '/api/v1/adoptions', { proposal: id, candidate: candidates[0].id, routing: { steps: saved } })
        await page.reload()
        await page.getByText('저장된 라우팅', { exact: true }).first().waitFor()
        expect(await page.getByRole('region', { name: '신뢰도별' }).last().locator('tbody tr').count()).toBeGreaterThan(0)
        expect(await page.getByRole('img', { name: '날짜별 평균 수정 횟수' }).locator('rect').count()).toBeGreaterThan(0)
      })
    })
  })
}
