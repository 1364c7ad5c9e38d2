import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { stepNoteCodes } from '../../../server/contract/activation'
import { switchNote } from '../../../server/domain/switch-note'
import SwitchSteps from '../../../ui/components/versions/SwitchSteps.vue'
import ModelsPage from '../../../ui/pages/ModelsPage.vue'
import { resetVersions, state, stepsAfter } from '../fixtures/versions'
import { type OwnAnswer, settle, show } from './mount'

beforeEach(() => {
  // The small DOM has no modal dialogs.
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true
  }
  resetVersions()
})
afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

/** The page, with some answers of its own before the fixture's. */
async function page(own: OwnAnswer = () => null) {
  const calls: [string, string, unknown][] = []
  const shown = show(ModelsPage, {
    own: (path, init) => {
      if (init?.method && init.method !== 'GET') calls.push([init.method, path, JSON.parse(String(init.body ?? 'null'))])
      return own(path, init)
    },
  })
  await settle()
  return { shown, calls }
}
const problem = (code: string, status: number) => Response.json({ code, message: code, requestId: 'r' }, { status })
const button = (shown: Awaited<ReturnType<typeof page>>['shown'], text: string) => {
  const found = shown.findAll('button').find((each) => (each.attributes('aria-label') ?? each.text()).includes(text))
  if (!found) throw new Error(`no button ${text}`)
  return found
}

describe('what serves', () => {
  test('is named with who switched it and why, and the way back names where it leads', async () => {
    const { shown } = await page()
    const card = shown.find('section[aria-label="활성 버전"]').text()
    for (const words of ['2026.11.01_3', 'epoch 6', 'admin', '외주 공정 매핑을 고친 버전', '2026.10.12_1(으)로 되돌리기'])
      expect(card).toContain(words)
  })
  test('one press goes back, on the epoch that was seen', async () => {
    const { shown, calls } = await page()
    await button(shown, '2026.10.12_1(으)로 되돌리기').trigger('click')
    await settle()
    expect(calls).toEqual([['POST', '/api/v1/models/rollback', { why: '', ifEpoch: 6 }]])
    expect(shown.find('[data-intent]').text()).toContain('2026.10.12_1(으)로 전환')
  })
  test('what the server took back by itself is told in the person’s language, what people wrote as they wrote it', async () => {
    const { shown } = await page()
    for (const words of ['system', '요청 1,204건 중 25건 실패', '야간 배치와 비교하려고']) expect(shown.text()).toContain(words)
    expect(shown.text()).not.toContain('requests failed')
  })
  test('somebody else was first: it is said, and nothing is switched', async () => {
    const { shown } = await page((path) => (path.endsWith('/rollback') ? problem('version_conflict', 409) : null))
    await button(shown, '되돌리기').trigger('click')
    await settle()
    expect(shown.find('[role=alert]').text()).toContain('그사이 다른 사람이 버전을 바꿨습니다')
  })
  test('without a version before there is nothing to go back to', async () => {
    state.previous = null
    const { shown } = await page()
    expect(button(shown, '되돌릴 버전 없음').attributes('disabled')).toBeDefined()
  })
})

describe('the table', () => {
  test('says what was not measured, why a version was refused, and offers what can be done', async () => {
    const { shown } = await page()
    const row = (version: string) => shown.find(`[data-version="${version}"]`)
    expect(row('2026.10.12_1').text()).toContain('측정 안 함')
    expect(row('2026.11.19_2').text()).toContain('점검 실패; golden.jsonl: 찾아야 할 이웃 200개 가운데 163개만 찾았습니다')
    expect(
      row('2026.11.01_3')
        .findAll('button')
        .map((each) => each.attributes('aria-label')),
    ).toEqual([undefined])
    // The one to go back to is not offered for deletion.
    expect(row('2026.10.12_1').html()).not.toContain('2026.10.12_1 삭제')
    expect(row('2026.11.20_1').html()).toContain('2026.11.20_1 삭제')
  })
  test('notes are text, whatever they hold, and are saved by a key', async () => {
    const { shown, calls } = await page()
    await shown.find('[data-version="2026.11.20_1"] button.cursor-text').trigger('click')
    const field = shown.find('[data-version="2026.11.20_1"] textarea')
    await field.setValue('<img src=x onerror=alert(1)>')
    await field.trigger('keydown', { key: 'Enter', ctrlKey: true })
    await settle()
    expect(calls).toEqual([['PATCH', '/api/v1/models/2026.11.20_1', { notes: '<img src=x onerror=alert(1)>' }]])
    expect(shown.find('[data-version="2026.11.20_1"]').text()).toContain('<img src=x')
    expect(shown.find('img').exists()).toBe(false)
  })
  test('a version is deleted only after its name was typed', async () => {
    const { shown, calls } = await page()
    await button(shown, '2026.11.20_1 삭제').trigger('click')
    await settle()
    const submit = () => shown.find('dialog[open] button[type=submit]')
    expect(submit().attributes('disabled')).toBeDefined()
    await shown.find('#remove-typed').setValue('2026.11.20_1')
    await shown.find('dialog[open] form').trigger('submit')
    await settle()
    expect(calls).toEqual([['DELETE', '/api/v1/models/2026.11.20_1', null]])
    expect(shown.find('[data-version="2026.11.20_1"]').exists()).toBe(false)
  })
})

describe('an activation', () => {
  const open = async (version: string, own?: OwnAnswer) => {
    const { shown, calls } = await page(own)
    await button(shown, `${version} 활성화`).trigger('click')
    await settle()
    return { shown, calls }
  }
  test('shows the comparison and takes a reason along', async () => {
    const { shown, calls } = await open('2026.11.20_1')
    expect(shown.find('dialog[open] [data-verdict]').attributes('data-verdict')).toBe('not worse')
    await shown.find('#activate-why').setValue('정기 교체')
    await shown.find('dialog[open] form').trigger('submit')
    await settle()
    expect(calls).toEqual([['POST', '/api/v1/models/2026.11.20_1/activate', { why: '정기 교체', ifEpoch: 6 }]])
    expect(shown.find('dialog[open]').exists()).toBe(false)
  })
  test('of a worse version needs a will and a reason', async () => {
    const { shown, calls } = await open('2026.11.19_2')
    const submit = () => shown.find('dialog[open] button[type=submit]')
    expect(submit().attributes('disabled')).toBeDefined()
    await shown.find('dialog[open] input[type=checkbox]').setValue(true)
    expect(submit().attributes('disabled')).toBeDefined()
    await shown.find('#activate-why').setValue('다른 버전이 손상되어')
    expect(submit().attributes('disabled')).toBeUndefined()
    await shown.find('dialog[open] form').trigger('submit')
    await settle()
    expect(calls[0][2]).toEqual({ why: '다른 버전이 손상되어', ifEpoch: 6, force: true })
  })
  test('that fails stays open and says why', async () => {
    const { shown } = await open('2026.11.20_1', (path) => (path.endsWith('/activate') ? problem('memory_short', 409) : null))
    await shown.find('dialog[open] form').trigger('submit')
    await settle()
    expect(shown.find('dialog[open] [role=alert]').text()).toContain('메모리가 모자랍니다')
  })
})

describe('a switch', () => {
  test('shows every step with its time; what failed says why and what still serves', async () => {
    state.switches.unshift({
      ...state.switches[0],
      id: 9,
      status: 'aborted',
      startedAt: new Date().toISOString(),
      endedAt: new Date().toISOString(),
      failure: { code: 'memory_short', reason: '2.4 GB are needed, 1.1 GB are free' },
      steps: stepsAfter(900, 'gate'),
    })
    const { shown } = await page()
    const intent = shown.find('[data-intent="9"]')
    expect(intent.findAll('[data-step]').map((step) => step.attributes('data-status'))).toEqual([
      'done',
      'done',
      'failed',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ])
    for (const words of ['420 ms', '1.2 GB 읽음', '워커 2개 중 2개', '중단됨', '1.1 GB are free', '활성 버전은 그대로 2026.11.01_3'])
      expect(intent.text()).toContain(words)
  })
})

test.each(stepNoteCodes)('what a step says with %s is Korean, and names no number that it was not given', (code) => {
  const values = {
    bytes: 1_500_000,
    ready: 1,
    all: 2,
    behind: 1,
    epoch: 7,
    batches: 3,
    requests: 1_234,
    failed: 5,
    share: 0.25,
    before: 0.01,
  }
  const steps = [{ step: 'probation' as const, status: 'failed' as const, ms: 5, ...switchNote(code, values) }]
  const failure = { code: 'engine_failed', reason: 'in English' }
  const shown = show(SwitchSteps, { props: { intent: { ...state.switches[0], status: 'rolled_back', failure, steps } } })
  const said = shown.find('[data-step] span.break-words').text()
  expect(said).toMatch(/[가-힣]/)
  expect(said).not.toMatch(/[{}]|NaN|undefined/)
  // the reason is what the failed step says
  expect(shown.text()).not.toContain('in English')
})

describe('the page', () => {
  test('without any version says what to do', async () => {
    state.versions = []
    state.ledger = []
    state.previous = null
    const { shown } = await page()
    expect(shown.text()).toContain('아직 버전이 없습니다')
    expect(shown.text()).toContain('아직 활성화한 적이 없습니다')
  })
  test('a failure is shown with a way to try again', async () => {
    const { shown } = await page((path) => (path === '/api/v1/models' ? problem('database_unavailable', 503) : null))
    expect(shown.find('[role=alert]').text()).toContain('다시 시도')
  })
  test('has no training section where the server has no queue', async () => {
    const { shown } = await page((path) => (path.startsWith('/api/v1/training') ? problem('not_found', 404) : null))
    expect(shown.text()).not.toContain('routewright trainer')
  })
})

describe('training', () => {
  test('says when no trainer runs, how far a job is and why one failed', async () => {
    const { shown } = await page()
    const part = shown.find('[data-part=training]').text()
    for (const words of ['routewright trainer', '120,400/301,204', 'items.csv 표에 OUTDIAMETER 열이 없습니다', '일정 weekly'])
      expect(part).toContain(words)
  })
  test('an index is rebuilt with the parameters that were given', async () => {
    const { shown, calls } = await page()
    await button(shown, '새 작업').trigger('click')
    await settle()
    await shown.find('dialog[open] input[value=rebuild_index]').setValue(true)
    await shown.find('#job-m').setValue(24)
    await shown.find('#job-ef').setValue(320)
    await shown.find('dialog[open] form').trigger('submit')
    await settle()
    expect(calls).toEqual([
      ['POST', '/api/v1/training/jobs', { kind: 'rebuild_index', version: '2026.11.01_3', m: 24, efConstruction: 320 }],
    ])
  })
})
