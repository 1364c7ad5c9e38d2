/** The keys that sign sessions: how they turn, who makes them, and which are refused. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openKeyRing, rotateKeys } from '../../server/pipeline/accounts/key-ring'
import { type AuthApp, startAuthApp } from './auth-app'

let app: AuthApp
beforeAll(async () => {
  app = await startAuthApp()
})
afterAll(() => app.stop())

describe('keys', () => {
  test('are rotated without a forced logout; the old key dies when its last token is over', async () => {
    const own = await startAuthApp()
    await own.person('anna')
    const browser = own.browser()
    await browser.logIn('anna')
    const path = join(own.directory, 'keys.json')
    const [old, sid] = [JSON.parse(readFileSync(path, 'utf8')), browser.cookies.get('sid')!]
    let refused = 0
    for (let turn = 0; turn < 2; turn++) {
      expect(rotateKeys(path, own.now())).toBe(true)
      await Bun.sleep(1_050)
      for (let request = 0; request < 20; request++) if ((await browser.ask('GET', '/api/v1/auth/me')).status !== 200) refused++
      expect((await browser.ask('POST', '/api/v1/auth/refresh', {})).status).toBe(200)
    }
    expect(refused).toBe(0)
    const now = JSON.parse(readFileSync(path, 'utf8'))
    expect([now.current.kid, now.previous.kid]).not.toContain(old.current.kid)
    expect((await own.call('/api/v1/auth/me', { headers: { cookie: `sid=${sid}` } })).status).toBe(401)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    await own.stop()
  })

  test('are made once by several that start together', async () => {
    const script = `import { openKeyRing } from '${join(import.meta.dir, '../../server/pipeline/accounts/key-ring')}'
      process.stdout.write((await openKeyRing(process.argv[1]).current()).kid)`
    const path = join(app.directory, 'together.json')
    const kids = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = Bun.spawn([process.execPath, '-e', script, path], { stdout: 'pipe', stderr: 'inherit' })
        return new Response(child.stdout).text()
      }),
    )
    expect(new Set(kids).size).toBe(1)
    expect(kids[0]).toBe(JSON.parse(readFileSync(path, 'utf8')).current.kid)
  })

  test('that are short, of one byte, or open to others keep the server from starting', () => {
    const path = join(app.directory, 'bad.json')
    openKeyRing(path)
    const good = JSON.parse(readFileSync(path, 'utf8'))
    const start = (keys: unknown, mode = 0o600) => {
      writeFileSync(path, typeof keys === 'string' ? keys : JSON.stringify(keys))
      chmodSync(path, mode)
      return () => openKeyRing(path)
    }
    expect(start(good)).not.toThrow()
    expect(start({ ...good, current: { ...good.current, secret: good.current.secret.slice(0, 40) } })).toThrow()
    expect(start({ ...good, next: { ...good.next, secret: Buffer.alloc(32).toString('base64url') } })).toThrow()
    expect(start('{')).toThrow()
    expect(start(good, 0o644)).toThrow(/chmod 600/)
    expect(start(good)).not.toThrow()
  })
})
