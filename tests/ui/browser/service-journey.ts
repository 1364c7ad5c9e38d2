/** The service from end to end, in two browsers: someone registers, is let in and predicts, while an admin tunes, switches and goes back. */
import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Prediction } from '../../../server/contract/predict'
import type { ModelList } from '../../../server/contract/version'
import type { Stage } from './journeys'
import { register } from './people'

/** New each time: a server that is there already may know the last one. */
const person = { login: `journey.${Date.now().toString(36)}`, password: 'an engineer drafts routings' }

/** The answer of the next prediction that the page asks for. */
async function predicts(page: Page, act: () => Promise<unknown>): Promise<Prediction> {
  const [response] = await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('/api/v1/predict')), act()])
  return (await response.json()) as Prediction
}
const modelsOf = async (page: Page) => (await (await page.request.get('/api/v1/models')).json()) as ModelList

export function serviceJourney({ server, onPage }: Stage): void {
  describe('the service', () => {
    test('register, approve in a second browser, predict, move ef_search, activate another version, roll back', async () => {
      await onPage(
        async (engineer) => {
          await register(engineer, person)
          await onPage(async (admin) => {
            await admin.goto('/admin/users')
            await admin.getByRole('button', { name: `승인 ${person.login}` }).click()
            await engineer.waitForURL('**/predict')

            // predict: as configured
            const item = `/predict?item=${encodeURIComponent(server().item)}`
            const first = await predicts(engineer, () => engineer.goto(item))
            const before = await modelsOf(admin)
            expect([first.version, first.epoch]).toEqual([before.state.active as string, before.state.epoch])

            // move ef_search with the slider, apply with a note: the next answer obeys, in the other browser too
            await admin.goto('/admin/config')
            const slider = admin.getByRole('slider', { name: 'ef_search' })
            await slider.focus()
            await slider.press(first.efSearch < 500 ? 'End' : 'Home')
            const wanted = first.efSearch < 500 ? 1024 : 16
            await admin.getByRole('region', { name: '저장하지 않은 변경' }).getByText(wanted.toLocaleString('ko')).waitFor()
            await admin.getByRole('textbox', { name: '메모' }).fill('검색 폭 시험')
            await admin.getByRole('button', { name: '적용', exact: true }).click()
            await admin.getByText(/개정 \d+이\(가\) 적용되었습니다/).waitFor()
            const tuned = await predicts(engineer, () => engineer.reload())
            expect(tuned.efSearch).toBe(wanted)
            expect(tuned.configRev).toBe(first.configRev + 1)

            // activate another version: the chip in the other browser follows by itself
            await admin.goto('/admin/models')
            const other = before.versions.find(({ version, status }) => version !== before.state.active && status !== 'failed')
            if (!other) throw new Error('the plant of the test has only one version')
            await admin.getByRole('button', { name: `${other.version} 활성화` }).click()
            await admin.locator('dialog[open] [data-verdict]').waitFor()
            await admin.getByLabel('이유').fill('여정 시험')
            if (await admin.getByLabel('그래도 활성화').count()) await admin.getByLabel('그래도 활성화').check()
            await admin.locator('dialog[open] button[type=submit]').click()
            await admin.locator('dialog[open]').waitFor({ state: 'hidden' })
            await admin.getByRole('region', { name: '활성 버전', exact: true }).getByText(other.version, { exact: true }).waitFor()
            await engineer.getByRole('banner').getByText(other.version).waitFor()
            const switched = await predicts(engineer, () => engineer.reload())
            expect([switched.version, switched.epoch]).toEqual([other.version, before.state.epoch + 1])
            const steps = admin.locator('[data-intent]').first().locator('[data-step]')
            expect(await steps.evaluateAll((all) => all.map((step) => (step as HTMLElement).dataset.step))).toEqual([
              'verify',
              'prepare',
              'gate',
              'commit',
              'swap',
              'drain',
              'probation',
            ])

            // and back, by one click
            await admin.getByRole('button', { name: `${before.state.active}(으)로 되돌리기` }).click()
            await engineer
              .getByRole('banner')
              .getByText(before.state.active as string)
              .waitFor()
            const back = await predicts(engineer, () => engineer.reload())
            expect([back.version, back.epoch]).toEqual([before.state.active as string, before.state.epoch + 2])
            const { ledger } = await modelsOf(admin)
            expect(ledger.slice(0, 2).map(({ kind, who }) => [kind, who])).toEqual([
              ['rollback', server().admin.login],
              ['activate', server().admin.login],
            ])
            await admin.getByRole('listitem').filter({ hasText: '되돌리기' }).filter({ hasText: server().admin.login }).first().waitFor()

            // nothing stays changed for the tests that follow
            await admin.goto('/admin/config?view=history')
            await admin.getByRole('button', { name: `개정 ${first.configRev}(으)로 되돌리기` }).click()
            await admin.locator('dialog[open]').getByRole('button', { name: '되돌리기', exact: true }).click()
            await admin.locator(`[data-revision="${first.configRev + 2}"]`).waitFor()
          })
        },
        { account: null },
      )
    }, 120_000)
  })
}
