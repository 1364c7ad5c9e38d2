import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useSession } from '../../../ui/composables/session'
import ConfigPage from '../../../ui/pages/ConfigPage.vue'
import { changeBehind, defaults, resetConfig, state } from '../fixtures/config'
import { type OwnAnswer, settle, show } from './mount'

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true
  }
  resetConfig()
})
afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

async function page({ role = 'admin' as 'admin' | 'user', own = (() => null) as OwnAnswer } = {}) {
  const calls: { path: string; body: unknown; ifMatch: string | null }[] = []
  const shown = show(ConfigPage, {
    own: (path, init) => {
      if (init?.method && init.method !== 'GET')
        calls.push({ path, body: JSON.parse(String(init.body ?? 'null')), ifMatch: new Headers(init.headers).get('if-match') })
      return own(path, init)
    },
  })
  useSession().become({ id: 1, login: 'a', name: '', role, mustChangePassword: false, hasPassword: true, sessionExpiresAt: null })
  await settle()
  return { shown, calls }
}
type Page = Awaited<ReturnType<typeof page>>['shown']
const preset = (shown: Page, ef: number) => shown.find(`[name=ef-preset][value="${ef}"]`).trigger('change')
const panel = (shown: Page) => shown.find('section[aria-label="저장하지 않은 변경"]')
const apply = async (shown: Page) => {
  await panel(shown).find('form').trigger('submit')
  await settle()
}

describe('the presets', () => {
  test('show the recall of the version that serves, and say so where none was measured', async () => {
    const { shown } = await page()
    const labels = shown.findAll('label:has([name=ef-preset])').map((label) => label.text())
    expect(labels[0]).toContain('재현율 99.7%')
    expect(labels[2]).toContain('측정 안 함')
  })
})

describe('a recall', () => {
  const target = (shown: Page, recall: string) => shown.find(`[name=recall-target][value="${recall}"]`)
  const labels = (shown: Page) => shown.findAll('label:has([name=recall-target])').map((label) => label.text())

  test('is chosen in place of ef_search, with what keeps it in the version that serves', async () => {
    const { shown, calls } = await page()
    expect(labels(shown)).toEqual([
      'ef_search로',
      '90%ef_search 32',
      '95%ef_search 96',
      '99%ef_search 256',
      '99.9%모든 벡터',
      '100%모든 벡터',
    ])
    expect((target(shown, 'null').element as HTMLInputElement).checked).toBe(true)
    const ef = () => shown.find('[name=ef-preset]').element as HTMLInputElement
    expect(ef().disabled).toBe(false)
    await target(shown, '0.99').trigger('change')
    expect(ef().disabled).toBe(true)
    expect(panel(shown).find('[data-path="/search/recall"]').text()).toContain('ef_search로 → 99%')
    await apply(shown)
    expect(calls.at(-1)).toMatchObject({ body: { search: { recall: 0.99 } } })
    // and back
    await target(shown, 'null').trigger('change')
    await apply(shown)
    expect(calls.at(-1)).toMatchObject({ body: { search: { recall: null } } })
    expect(ef().disabled).toBe(false)
  })

  test('says so where the version was never measured, and where another value is configured', async () => {
    const unmeasured = { version: '2026.11.01_3', presets: [], targets: [{ recall: 0.9, efSearch: null }], measured: false }
    const { shown } = await page({ own: (path) => (path === '/api/v1/config/presets' ? Response.json(unmeasured) : null) })
    expect(labels(shown)[1]).toBe('90%모든 벡터')
    expect(shown.text()).toContain('재현율을 측정한 적이 없어')
    changeBehind({ search: { ...defaults.search, recall: 0.93 } }, '')
    const { shown: other } = await page()
    expect(other.text()).toContain('93%은(는) 여기에 없는 값입니다')
  })
})

describe('changes', () => {
  test('are listed as before and after, and applied with a note on the revision that was seen', async () => {
    const { shown, calls } = await page()
    expect(panel(shown).text()).toContain('바뀐 값이 없습니다')
    await preset(shown, 32)
    expect(panel(shown).find('[data-path="/search/efSearch"]').text()).toContain('256 → 32')
    await shown.find('#config-note').setValue('월요일 아침')
    await apply(shown)
    expect(calls.filter(({ path }) => path.startsWith('/api/v1/config'))).toEqual([
      { path: '/api/v1/config?note=%EC%9B%94%EC%9A%94%EC%9D%BC+%EC%95%84%EC%B9%A8', body: { search: { efSearch: 32 } }, ifMatch: '"4"' },
    ])
    expect(panel(shown).text()).toContain('개정 5이(가) 적용되었습니다')
  })
  test('that are taken back are none', async () => {
    const { shown } = await page()
    await preset(shown, 32)
    await preset(shown, 256)
    expect(panel(shown).text()).toContain('바뀐 값이 없습니다')
  })
  test('a weight as learned is taken out of the document', async () => {
    const { shown, calls } = await page()
    await shown
      .findAll('button')
      .find((each) => each.text() === '모두 학습한 그대로')!
      .trigger('click')
    await apply(shown)
    expect(calls.at(-1)!.body).toEqual({ search: { weights: { SEAL_TYPE: null, OLD_NAME: null } } })
  })
  test('a refused value is marked at its field, and nothing else is said to be wrong', async () => {
    const { shown } = await page({
      own: (_, init) =>
        init?.method === 'PATCH'
          ? Response.json(
              {
                code: 'invalid_value',
                message: '',
                requestId: 'r',
                details: [{ path: '/log/slowMs', message: 'Expected integer to be greater or equal to 1' }],
              },
              { status: 422 },
            )
          : null,
    })
    await preset(shown, 32)
    await apply(shown)
    expect(shown.findAll('[aria-invalid=true]')).toHaveLength(1)
    expect(shown.find('[aria-invalid=true]').element.closest('div.rounded')!.textContent).toContain('1 이상의 정수여야 합니다')
    expect(panel(shown).find('[data-path="/search/efSearch"]').exists()).toBe(true)
  })
})

describe('somebody else was first', () => {
  async function overtaken() {
    const opened = await page()
    await preset(opened.shown, 32)
    changeBehind({ log: { slowMs: 500 }, search: { ...state.revisions[0].config.search, efSearch: 128 } }, '야간 점검')
    await apply(opened.shown)
    return opened
  }
  test('theirs stands beside mine and nothing was overwritten', async () => {
    const { shown } = await overtaken()
    const conflict = shown.find('[data-conflict]').text()
    for (const words of ['개정 5', '개정 4', 'mina.park: 야간 점검', 'ef_search 둘 다 바꿈', '128', '32', '500'])
      expect(conflict).toContain(words)
    expect(state.revisions[0].config.search.efSearch).toBe(128)
    expect(panel(shown).find('button[type=submit]').attributes('disabled')).toBeDefined()
  })
  test('mine goes on top only when told, with theirs kept', async () => {
    const { shown, calls } = await overtaken()
    await shown.find('[data-conflict] button').trigger('click')
    expect(shown.find('[data-conflict]').exists()).toBe(false)
    await apply(shown)
    expect(calls.at(-1)).toMatchObject({ body: { search: { efSearch: 32 } }, ifMatch: '"5"' })
    expect(state.revisions[0].config).toMatchObject({ search: { efSearch: 32 }, log: { slowMs: 500 } })
  })
  test('or mine is dropped', async () => {
    const { shown } = await overtaken()
    await shown.findAll('[data-conflict] button')[1].trigger('click')
    await settle()
    expect(panel(shown).text()).toContain('바뀐 값이 없습니다')
    expect(shown.text()).toContain('개정 5')
  })
})

describe('for who may only look', () => {
  test('everything is shown and nothing can be changed', async () => {
    const { shown } = await page({ role: 'user' })
    expect(shown.findAll('input:not([disabled])').filter((field) => !field.element.closest('fieldset[disabled]'))).toHaveLength(0)
    expect(panel(shown).text()).toContain('설정은 관리자만')
  })
})

test('what would change is asked with the unsaved values, as options of a request', async () => {
  const { shown, calls } = await page()
  await preset(shown, 32)
  await shown
    .findAll('button')
    .find((each) => each.text().includes('해보기'))!
    .trigger('click')
  await settle()
  const asked = calls.filter(({ path }) => path === '/api/v1/predict').map(({ body }) => body as { efSearch: number })
  expect(asked.map(({ efSearch }) => efSearch)).toEqual([256, 32])
  expect(shown.find('section[aria-label="무엇이 달라지는지"] table').exists()).toBe(true)
  expect(state.revisions).toHaveLength(4)
})

test('the defaults of the fixture are those of the contract', async () => {
  const { Value } = await import('@sinclair/typebox/value')
  const { RuntimeConfig } = await import('../../../server/contract/runtime-config')
  expect(Value.Default(RuntimeConfig, {})).toEqual(defaults)
})
