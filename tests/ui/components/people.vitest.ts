import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { useSession } from '../../../ui/composables/session'
import KeysPage from '../../../ui/pages/KeysPage.vue'
import UsersPage from '../../../ui/pages/UsersPage.vue'
import { resetPeople } from '../fixtures/people'
import { show } from './mount'

beforeEach(() => resetPeople())
afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resume) => setTimeout(resume, 10))
    await flushPromises()
  }
}
async function users() {
  const shown = show(UsersPage)
  await useSession().load()
  await settle()
  const rows = () => shown.findAll('li[tabindex]')
  return { shown, rows, names: () => rows().map((row) => row.find('p').text()) }
}
async function press(...keys: string[]): Promise<void> {
  for (const key of keys) {
    const target = document.activeElement ?? document.body
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
    await settle()
  }
}

describe('those who wait', () => {
  test('stand on top, with whoever waits longest first', async () => {
    const { shown, names } = await users()
    expect(names()).toEqual(['최유나', '황동혁', 'A. Smith'])
    expect(shown.find('h2').text()).toBe('승인 대기 (3)')
  })
  test('are let in by one key; the next one moves up and is chosen', async () => {
    const { shown, rows, names } = await users()
    await press('a')
    expect(names()).toEqual(['황동혁', 'A. Smith'])
    expect(shown.text()).toContain('최유나 님을 승인했습니다 (사용자).')
    expect(rows()[0].attributes('aria-current')).toBe('true')
    expect(document.activeElement).toBe(rows()[0].element)
  })
  test('J and K move, and stay inside the list', async () => {
    const { rows } = await users()
    const chosen = () => rows().findIndex((row) => row.attributes('aria-current') === 'true')
    await press('j', 'j', 'j')
    expect(chosen()).toBe(2)
    await press('k')
    expect(chosen()).toBe(1)
  })
  test('are rejected with a reason, never without', async () => {
    const { shown, rows, names } = await users()
    await press('j', 'r')
    const field = rows()[1].find('input[type=text]')
    expect(document.activeElement).toBe(field.element)
    await rows()[1].find('form').trigger('submit')
    await settle()
    expect(names()).toHaveLength(3)
    await field.setValue('모르는 사람입니다')
    await rows()[1].find('form').trigger('submit')
    await settle()
    expect(names()).toEqual(['최유나', 'A. Smith'])
    expect(shown.text()).toContain('황동혁 님을 반려했습니다.')
  })
  test('a key of a pair lets nobody in', async () => {
    const { names } = await users()
    await press('g', 'a')
    expect(names()).toHaveLength(3)
  })
})

describe('an account', () => {
  const open = async (row: number) => {
    const { shown } = await users()
    await shown.findAll('tbody button')[row].trigger('click')
    await settle()
    return shown
  }
  test('of one’s own is for another admin to change', async () => {
    const shown = await open(0)
    expect(shown.text()).toContain('본인 계정은 다른 관리자만 바꿀 수 있습니다.')
    expect(shown.text()).not.toContain('재설정 코드 만들기')
  })
  test('gets a code for a new password, shown this once', async () => {
    const shown = await open(1)
    const make = shown.findAll('button').find((button) => button.text() === '재설정 코드 만들기')
    await make?.trigger('click')
    await settle()
    expect(shown.find<HTMLInputElement>('input[readonly]').element.value).toBe('K7QX-2M9P-T4WD')
    expect(shown.text()).toContain('/reset')
  })
  test('is suspended with a reason and leaves the list of those who are in', async () => {
    const shown = await open(1)
    const form = shown.findAll('tbody form')[0]
    await form.find('input').setValue('외주 계약 종료')
    await form.trigger('submit')
    await settle()
    expect(shown.find('table').text()).not.toContain('jiho.kim')
  })
})

describe('keys', () => {
  const page = async () => {
    const shown = show(KeysPage)
    await settle()
    return shown
  }
  test('say in what state they are', async () => {
    const rows = (await page()).findAll('tbody tr').map((row) => row.text())
    expect(rows[2]).toContain('폐기됨')
    expect(rows[2]).not.toContain('완전히 폐기')
  })
  test('a new one is shown once and needs a scope', async () => {
    const shown = await page()
    await shown.find('form input').setValue('ERP')
    await shown.find('input[type=checkbox]').setValue(false)
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.text()).toContain('하나 이상 고르세요.')
    await shown.find('input[type=checkbox]').setValue(true)
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.find<HTMLInputElement>('input[readonly]').element.value).toMatch(/^rw_/)
  })
  test('is revoked only by a second button', async () => {
    const shown = await page()
    const buttons = () => shown.findAll('tbody tr')[0].findAll('button')
    await buttons()[0].trigger('click')
    expect(buttons().map((button) => button.text())).toEqual(['완전히 폐기', '그대로 두기'])
    await buttons()[0].trigger('click')
    await settle()
    expect(shown.text()).toContain('ERP 야간 배치 키를 폐기했습니다.')
  })
})
