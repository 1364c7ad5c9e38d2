/** Language, theme, keys, input methods, widths: what every route owes to everyone. */
import { describe, expect, test } from 'bun:test'
import type { Stage } from './journeys'

export function habits({ server, onPage }: Stage): void {
  test('the language changes at once and is kept', async () => {
    await onPage(async (page) => {
      await page.goto('/predict')
      await page.getByText('EN', { exact: true }).first().click()
      await page.getByRole('button', { name: 'Predict', exact: true }).waitFor()
      expect(await page.locator('html').getAttribute('lang')).toBe('en')
      await page.reload()
      await page.getByRole('button', { name: 'Predict', exact: true }).waitFor()
    })
  })
  test('the theme changes at once and is kept', async () => {
    await onPage(async (page) => {
      await page.goto('/predict')
      await page.getByRole('button', { name: '어두운 테마로' }).click()
      expect(await page.locator('html').getAttribute('class')).toContain('dark')
      await page.reload()
      await page.getByRole('button', { name: '밝은 테마로' }).waitFor()
    })
  })
  test('the unit of time is kept', async () => {
    await onPage(async (page) => {
      await page.goto(`/predict?item=${encodeURIComponent(server().item)}`)
      await page.getByText('초', { exact: true }).click()
      await page.reload()
      await page.getByRole('radio', { name: '초' }).waitFor({ state: 'attached' })
      expect(await page.getByRole('radio', { name: '초' }).isChecked()).toBe(true)
    })
  })

  describe('keys', () => {
    test('/ goes to the search, ? shows the list, and neither acts while someone types', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.locator('#attribute-PART_TYPE').waitFor()
        await page.locator('body').press('?')
        await page.getByRole('dialog', { name: '단축키' }).waitFor()
        await page.keyboard.press('Escape')
        await page.locator('body').press('/')
        await page.locator('#item-code:focus').waitFor()
        await page.keyboard.type('A?/')
        expect(await page.locator('#item-code').inputValue()).toBe('A?/')
        expect(await page.getByRole('dialog', { name: '단축키' }).count()).toBe(0)
      })
    })
    test('Enter asks with what was typed, and takes a suggestion only when an arrow chose one', async () => {
      await onPage(async (page) => {
        await page.goto('/predict')
        const field = page.locator('#attribute-PART_TYPE')
        await field.click()
        await page.keyboard.type('11#')
        await page.getByRole('option').first().waitFor()
        const asked = page.waitForRequest((request) => request.url().endsWith('/predict') && request.method() === 'POST')
        await page.keyboard.press('Enter')
        expect((await asked).postDataJSON().attributes).toEqual({ PART_TYPE: '11#' })
        await page.getByRole('option').first().waitFor({ state: 'detached' })
        await field.fill('11')
        await page.getByRole('option').first().waitFor()
        await page.keyboard.press('ArrowDown')
        await page.keyboard.press('ArrowUp')
        const first = await page.getByRole('option').first().locator('[data-slot=itemLabel]').textContent()
        await page.keyboard.press('Enter')
        expect(await field.inputValue()).toBe(first?.trim() ?? '')
        await page.keyboard.press('ArrowDown')
        await page.getByRole('option').first().waitFor()
        await page.keyboard.press('Tab')
        await page.getByRole('option').first().waitFor({ state: 'detached' })
      })
    })
    test('[ and ] go through the candidates', async () => {
      await onPage(async (page) => {
        await page.goto(`/predict?item=${encodeURIComponent(server().newItem)}`)
        const selected = page.getByRole('tablist', { name: '후보' }).locator('[aria-selected=true]')
        await selected.waitFor()
        await page.locator('body').press(']')
        expect(await selected.textContent()).toStartWith('B')
        await page.locator('body').press('[')
        expect(await selected.textContent()).toStartWith('A')
      })
    })
  })

  test('nothing is asked in the middle of a syllable', async () => {
    await onPage(async (page) => {
      await page.goto('/predict')
      await page.locator('#attribute-PART_TYPE').click()
      const asked: string[] = []
      page.on('request', (request) => request.url().endsWith('/similar') && asked.push(request.postData() ?? ''))
      const keyboard = await page.context().newCDPSession(page)
      for (const text of ['ㄱ', '그', '글']) {
        await keyboard.send('Input.imeSetComposition', { text, selectionStart: 1, selectionEnd: 1 })
        await page.waitForTimeout(400)
      }
      expect(asked).toEqual([])
      await keyboard.send('Input.insertText', { text: '글' })
      await page.waitForRequest((request) => request.url().endsWith('/similar'))
      expect(asked).toHaveLength(1)
      expect(JSON.parse(asked[0]).attributes).toEqual({ PART_TYPE: '글' })
    })
  })

  test('360 pixels are enough on every route', async () => {
    await onPage(
      async (page) => {
        const item = encodeURIComponent(server().item)
        for (const path of [
          '/predict',
          `/predict?item=${item}`,
          '/items',
          `/items/${item}`,
          '/quality',
          '/quality?view=drift',
          '/quality?view=adoption',
        ]) {
          await page.goto(path)
          await page.waitForLoadState('networkidle')
          const beyond = await page.evaluate(() => {
            const main = document.querySelector('main')!
            return Math.max(document.documentElement.scrollWidth - innerWidth, main.scrollWidth - main.clientWidth)
          })
          expect([path, beyond]).toEqual([path, 0])
        }
      },
      { width: 360, height: 780 },
    )
  })

  test('the items are found by the start of a code and open', async () => {
    await onPage(async (page) => {
      await page.goto('/items')
      await page.getByLabel('품목 찾기').fill(server().item.slice(0, -1))
      await page.getByRole('link', { name: server().item, exact: true }).click()
      await page.getByRole('heading', { level: 1, name: server().item }).waitFor()
      expect(await page.getByRole('region', { name: '라우팅', exact: true }).locator('tbody tr').count()).toBeGreaterThan(0)
      await page.getByRole('button', { name: '이 속성으로 새 품목' }).click()
      expect(await page.locator('#attribute-PART_TYPE').inputValue()).not.toBe('')
    })
  })

  test('the policy lets nothing in from elsewhere, and the page obeys it', async () => {
    await onPage(async (page) => {
      const answer = await page.goto('/predict')
      expect(answer?.headers()['content-security-policy']).toContain("default-src 'self'")
      await page.waitForLoadState('networkidle')
      expect(
        await page.evaluate(
          async () => (await document.fonts.ready).size > 0 && [...document.fonts].some((font) => font.status === 'loaded'),
        ),
      ).toBe(true)
    })
  })
}
