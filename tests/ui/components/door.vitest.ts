import { flushPromises } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { nextTick } from 'vue'
import { useSession } from '../../../ui/composables/session'
import AccountPage from '../../../ui/pages/AccountPage.vue'
import LoginPage from '../../../ui/pages/LoginPage.vue'
import PendingPage from '../../../ui/pages/PendingPage.vue'
import RegisterPage from '../../../ui/pages/RegisterPage.vue'
import SetupPage from '../../../ui/pages/SetupPage.vue'
import { resetPeople } from '../fixtures/people'
import { show } from './mount'

beforeEach(() => resetPeople({ visitor: 'nobody' }))
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
const address = (shown: ReturnType<typeof show>) => shown.vm.$router.currentRoute.value.fullPath

describe('the login', () => {
  const page = async (password: string, at = '/login') => {
    const shown = show(LoginPage)
    await shown.vm.$router.push(at)
    await shown.find('input[name=login]').setValue('admin')
    await shown.find('input[type=password]').setValue(password)
    await shown.find('form').trigger('submit')
    await settle()
    return shown
  }
  test('leads to the page that was wanted', async () => {
    expect(address(await page('turning milling grinding', '/login?next=/quality?view=drift'))).toBe('/quality?view=drift')
  })
  test('never leads to another site', async () => {
    expect(address(await page('turning milling grinding', '/login?next=//evil.example'))).toBe('/')
  })
  test('says that something was wrong, not what, and empties the password', async () => {
    const shown = await page('wrong')
    expect(shown.find('[role=alert]').text()).toBe('로그인 이름이나 비밀번호가 맞지 않습니다.')
    expect(shown.find<HTMLInputElement>('input[type=password]').element.value).toBe('')
    expect(address(shown)).toBe('/login')
  })
  test('says when the next attempt makes sense', async () => {
    expect((await page('too many')).find('[role=alert]').text()).toContain('20초 뒤에')
  })
})

describe('to register', () => {
  test('what is missing of a password is told while typing, and the server’s word stands at the field', async () => {
    const shown = show(RegisterPage)
    await shown.find('input[name=login]').setValue('jiho.kim')
    await shown.find('input[type=password]').setValue('jiho.kim')
    expect(shown.find('ul .text-error').text()).toContain('로그인 이름만으로 되어 있지 않음')
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.find('input[type=password]').attributes('aria-invalid')).toBe('true')
  })
  test('a login that cannot be is not sent', async () => {
    const shown = show(RegisterPage)
    await shown.vm.$router.push('/register')
    await shown.find('input[name=login]').setValue('a b')
    await shown.find('input[type=password]').setValue('turning milling grinding')
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.find('input[name=login]').attributes('aria-invalid')).toBe('true')
    expect(address(shown)).toBe('/register')
  })
})

describe('the waiting page', () => {
  const page = async (waiting: object) => {
    resetPeople({ visitor: 'nobody', waiting: { status: 'pending', reason: null, admins: [], ...waiting } })
    const shown = show(PendingPage)
    await shown.vm.$router.push('/pending')
    await settle()
    return shown
  }
  test('names who may be called', async () => {
    expect((await page({ admins: ['admin', 'mina.park'] })).findAll('li').map((row) => row.text())).toEqual(['admin', 'mina.park'])
  })
  test('opens the program by itself once somebody was let in', async () => {
    expect(address(await page({ status: 'approved' }))).toBe('/')
  })
  test('tells the reason of a rejection', async () => {
    const shown = await page({ status: 'rejected', reason: '공용 계정은 만들지 않습니다' })
    expect(shown.find('h1').text()).toBe('신청이 반려되었습니다')
    expect(shown.find('dd').text()).toBe('공용 계정은 만들지 않습니다')
  })
  test('says where nothing waits', async () => {
    expect((await page({ status: 'unknown' })).find('h1').text()).toContain('대기 중인 신청이 없습니다')
  })
})

describe('the first start', () => {
  const page = async (hash: string) => {
    resetPeople({ visitor: 'first' })
    const shown = show(SetupPage)
    await useSession().load()
    await shown.vm.$router.push(`/setup${hash}`)
    await settle()
    return shown
  }
  test('without a link says where to find it', async () => {
    expect((await page('')).text()).toContain('routewright serve')
  })
  test('takes the token out of the address', async () => {
    const shown = await page('#token=right')
    expect(address(shown)).toBe('/setup')
    expect(shown.find<HTMLInputElement>('input[name=login]').element.value).toBe('admin')
  })
  test('says that a link was used, and takes a newer one that is opened over the page', async () => {
    const shown = await page('#token=old')
    await shown.find('input[type=password]').setValue('turning milling grinding')
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.find('h1').text()).toBe('이미 썼거나 지난 링크입니다')
    await shown.vm.$router.push('/setup#token=right')
    await settle()
    await shown.find('input[type=password]').setValue('turning milling grinding')
    await shown.find('form').trigger('submit')
    await settle()
    expect(address(shown)).toBe('/')
  })
})

describe('the own account', () => {
  const page = async (rest: object) => {
    resetPeople(rest)
    const shown = show(AccountPage)
    await useSession().load()
    await settle()
    return shown
  }
  test('asks for the current password, and says at its field that it is wrong', async () => {
    const shown = await page({})
    const [current, next] = shown.findAll('input[type=password]')
    await current.setValue('wrong')
    await next.setValue('turning milling grinding')
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.find('form [role=alert]').text()).toBe('현재 비밀번호가 맞지 않습니다.')
  })
  test('without a password warns, and takes one', async () => {
    const shown = await page({ hasPassword: false })
    expect(shown.text()).toContain('아직 비밀번호가 없습니다')
    await shown.find('input[type=password]').setValue('turning milling grinding')
    await shown.find('form').trigger('submit')
    await settle()
    expect(shown.text()).toContain('비밀번호를 바꿨습니다.')
    expect(shown.text()).not.toContain('아직 비밀번호가 없습니다')
  })
  test('after a reset shows nothing but the new password', async () => {
    const shown = await page({ mustChangePassword: true })
    expect(shown.text()).toContain('새 비밀번호를 정해야 계속할 수 있습니다')
    expect(shown.find('table').exists()).toBe(false)
  })
  test('ends another session', async () => {
    const shown = await page({})
    expect(shown.findAll('tbody tr')).toHaveLength(3)
    await shown.findAll('tbody button')[1].trigger('click')
    await settle()
    await nextTick()
    expect(shown.findAll('tbody tr')).toHaveLength(2)
  })
})
