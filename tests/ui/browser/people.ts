/** People from the first admin to the one who is let in, each in a browser of their own, against the real server. */
import { describe, expect, test } from 'bun:test'
import type { Page } from 'playwright-core'
import type { Account } from './account'
import type { Stage } from './journeys'
import { emptyFolder, startServer } from './plant-server'
import { reach } from './reach'

const fresh = (login: string): Account => ({ login, password: `${login} drills a deep bore` })

export async function register(page: Page, { login, password }: Account, name = ''): Promise<void> {
  await page.goto('/register')
  await page.getByLabel('로그인 이름 또는 이메일').fill(login)
  if (name) await page.getByLabel('이름 선택').fill(name)
  await page.getByLabel('비밀번호', { exact: true }).fill(password)
  await page.getByRole('button', { name: '신청 보내기' }).click()
  await page.getByRole('heading', { name: '승인 대기' }).waitFor()
}
const waitingRow = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name })

export function people({ server, onPage, onServer }: Stage): void {
  describe('the first start', () => {
    test('the link of the console makes the admin, who can log out and in again', async () => {
      const empty = await startServer(emptyFolder())
      try {
        await onServer(empty.url, async (page) => {
          await page.goto('/')
          await page.getByRole('heading', { name: '링크로 여는 페이지입니다' }).waitFor()
          await page.goto(empty.setupUrl as string)
          await page.getByRole('heading', { name: '환영합니다. 첫 사용자입니다.' }).waitFor()
          expect(page.url()).toBe(`${empty.url}/setup`)
          expect(await page.getByLabel('로그인 이름 또는 이메일').inputValue()).toBe('admin')
          await page.getByLabel('비밀번호', { exact: true }).fill('short')
          await page.getByRole('button', { name: '시작', exact: true }).click()
          await page.getByText('너무 짧습니다.').waitFor()
          await page.getByLabel('비밀번호', { exact: true }).fill('turning milling grinding')
          await page.getByRole('button', { name: '시작', exact: true }).click()
          await page.waitForURL('**/predict')
          await page.getByRole('button', { name: 'admin 님의 계정' }).click()
          await page.getByRole('button', { name: '로그아웃' }).click()
          await page.waitForURL('**/login')
          await page.goto('/admin/users')
          await page.getByLabel('로그인 이름 또는 이메일').fill('admin')
          await page.getByLabel('비밀번호', { exact: true }).fill('wrong wrong wrong wrong')
          await page.keyboard.press('Enter')
          await page.getByText('로그인 이름이나 비밀번호가 맞지 않습니다.').waitFor()
          await page.getByLabel('비밀번호', { exact: true }).fill('turning milling grinding')
          await page.keyboard.press('Enter')
          await page.waitForURL('**/admin/users')
        })
        await onServer(empty.url, async (page) => {
          await page.goto(empty.setupUrl as string)
          await page.getByRole('heading', { name: '이미 설정을 마쳤습니다' }).waitFor()
        })
      } finally {
        await empty.stop()
      }
    })

    test('who looks around first is reminded, and sets the password later', async () => {
      const empty = await startServer(emptyFolder())
      try {
        await onServer(empty.url, async (page) => {
          await page.goto(empty.setupUrl as string)
          await page.getByRole('button', { name: '먼저 둘러보고 비밀번호는 나중에 정하기' }).click()
          await page.waitForURL('**/predict')
          await page.getByRole('link', { name: '비밀번호 정하기' }).click()
          await page.getByText('아직 비밀번호가 없습니다', { exact: true }).waitFor()
          await page.getByLabel('새 비밀번호').fill('turning milling grinding')
          await page.getByRole('button', { name: '비밀번호 정하기' }).click()
          await page.getByText('비밀번호를 바꿨습니다.').waitFor()
          expect(await page.getByText('아직 비밀번호가 없습니다').count()).toBe(0)
          await page.reload()
          await page.getByLabel('현재 비밀번호').waitFor()
        })
      } finally {
        await empty.stop()
      }
    })
  })

  describe('letting people in', () => {
    test('who registered waits, is approved in another browser by one key, and the program opens by itself', async () => {
      await onPage(
        async (applicant) => {
          await register(applicant, fresh('jiho.kim'), '김지호')
          await applicant.getByText('admin', { exact: true }).waitFor()
          await applicant.reload()
          await applicant.getByRole('heading', { name: '승인 대기' }).waitFor()
          await onPage(async (admin) => {
            await admin.goto('/admin/users')
            await waitingRow(admin, '김지호').waitFor()
            expect(await admin.getByRole('navigation', { name: '주 메뉴' }).textContent()).toContain('승인 대기 1명')
            await admin.keyboard.press('a')
            await admin.getByText('김지호 님을 승인했습니다 (사용자).').waitFor()
            await waitingRow(admin, '김지호').waitFor({ state: 'detached' })
          })
          await applicant.waitForURL('**/predict')
          await applicant.getByRole('button', { name: '예시 품목으로 해보기' }).click()
          await applicant.locator('[role=table] [role=row]').first().waitFor()
          // Of an admin's pages nothing is shown, and the address of one is refused.
          expect(await applicant.getByRole('link', { name: '사용자' }).count()).toBe(0)
          await applicant.goto('/admin/users')
          await applicant.getByRole('heading', { name: '이 페이지를 볼 권한이 없습니다' }).waitFor()
          expect(applicant.url()).toEndWith('/admin/users')
          const asked = await applicant.request.get('/api/v1/accounts')
          expect([asked.status(), (await asked.json()).code]).toEqual([403, 'forbidden'])
        },
        { account: null },
      )
    })

    test('a rejection needs a reason, which the one who waits reads', async () => {
      await onPage(
        async (applicant) => {
          await register(applicant, fresh('night.shift'), '야간 조')
          await onPage(async (admin) => {
            await admin.goto('/admin/users')
            await waitingRow(admin, '야간 조').waitFor()
            await admin.keyboard.press('r')
            await admin.keyboard.type('공용 계정은 만들지 않습니다')
            await admin.keyboard.press('Enter')
            await admin.getByText('야간 조 님을 반려했습니다.').waitFor()
          })
          await applicant.getByRole('heading', { name: '신청이 반려되었습니다' }).waitFor()
          expect(await applicant.getByRole('definition').textContent()).toBe('공용 계정은 만들지 않습니다')
        },
        { account: null },
      )
    })

    test('a code of an admin leads to a new password, and the old one no further than to that', async () => {
      const person = fresh('mina.park')
      await onPage(
        async (page) => {
          await register(page, person)
          await onPage(async (admin) => {
            await admin.goto('/admin/users')
            await admin.getByRole('button', { name: '승인 mina.park' }).click()
            await admin.getByRole('button', { name: 'mina.park 관리' }).click()
            await admin.getByRole('button', { name: '재설정 코드 만들기' }).click()
            const code = await admin.getByRole('textbox', { name: '비밀번호를 잊었을 때' }).inputValue()
            await onPage(
              async (old) => {
                await old.goto('/predict')
                await old.waitForURL('**/account')
                await old.getByText('새 비밀번호를 정해야 계속할 수 있습니다').waitFor()
              },
              { account: person },
            )
            await onPage(
              async (reset) => {
                await reset.goto('/reset')
                await reset.getByLabel('로그인 이름 또는 이메일').fill(person.login)
                await reset.getByLabel('코드').fill('WRONG-CODE')
                await reset.getByLabel('새 비밀번호').fill('a lathe of another shop')
                await reset.getByRole('button', { name: '비밀번호를 설정하고 로그인' }).click()
                await reset.getByText('로그인 이름이나 코드가 맞지 않거나').waitFor()
                await reset.getByLabel('코드').fill(code)
                await reset.getByRole('button', { name: '비밀번호를 설정하고 로그인' }).click()
                await reset.waitForURL('**/predict')
              },
              { account: null },
            )
          })
        },
        { account: null },
      )
    })
  })

  describe('sessions', () => {
    test('a session that ends under a page is renewed over it, and nothing that was typed is lost', async () => {
      const { admin, item } = server()
      await onPage(async (page) => {
        await page.goto('/predict')
        await page.getByRole('tab', { name: '품목 코드' }).click()
        await page.locator('#item-code').fill(item)
        const { sessions } = await (await page.request.get('/api/v1/auth/sessions')).json()
        const own = sessions.find(({ current }: { current: boolean }) => current)
        await page.request.delete(`/api/v1/auth/sessions/${own.id}`)
        await page.locator('#item-code').press('Enter')
        const dialog = page.getByRole('dialog', { name: '세션이 끝났습니다' })
        await dialog.waitFor()
        await page.keyboard.press('Escape')
        expect(await dialog.isVisible()).toBe(true)
        await dialog.getByLabel('비밀번호', { exact: true }).fill(admin.password)
        await page.keyboard.press('Enter')
        // What was asked goes on by itself.
        await page.locator('[role=table] [role=row]').first().waitFor()
        expect(await dialog.count()).toBe(0)
        expect(await page.locator('#item-code').inputValue()).toBe(item)
      })
    })

    test('one’s own other session is ended from the account', async () => {
      const { admin } = server()
      await onPage(async (other) => {
        await other.goto('/items')
        await onPage(async (page) => {
          await page.goto('/account')
          const ends = page.getByRole('region', { name: '세션' }).getByRole('button', { name: /세션 끝내기$/ })
          await ends.first().waitFor()
          const before = await ends.count()
          await page
            .getByRole('row')
            .filter({ hasText: 'Chrome' })
            .filter({ hasNotText: '지금 이 세션' })
            .first()
            .getByRole('button')
            .click()
          await expect(reach(() => ends.count(), before - 1)).resolves.toBe(before - 1)
        })
        await other.getByRole('link', { name: '품질' }).click()
        // The newest of the others: this one.
        await other.getByRole('dialog', { name: '세션이 끝났습니다' }).waitFor()
      })
      expect(admin.login).toBe('admin')
    })
  })

  describe('keys', () => {
    test('a key is shown once, opens what its scopes say, and nothing once it is revoked', async () => {
      const { url } = server()
      await onPage(async (page) => {
        await page.goto('/admin/keys')
        await page.getByLabel('프로그램 이름').fill('ERP 배치')
        await page.getByRole('button', { name: '키 만들기' }).click()
        const key = await page.getByRole('textbox', { name: 'ERP 배치 키' }).inputValue()
        const ask = async (path: string) => (await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } })).status
        expect(await ask('/api/v1/form')).toBe(200)
        expect(await ask('/api/v1/accounts')).toBe(403)
        await page.reload()
        expect(await page.getByText(key).count()).toBe(0)
        await page.getByRole('button', { name: 'ERP 배치 폐기' }).click()
        await page.getByRole('button', { name: '완전히 폐기' }).click()
        await page.getByText('ERP 배치 키를 폐기했습니다.').waitFor()
        expect(await reach(() => ask('/api/v1/keys'), 401)).toBe(401)
      })
    })
  })
}
