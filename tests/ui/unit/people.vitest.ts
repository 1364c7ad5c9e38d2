import { describe, expect, test } from 'vitest'
import { isLogin, tokenOf } from '../../../ui/composables/door'
import { keyState } from '../../../ui/composables/keys'
import { passwordRules } from '../../../ui/composables/password'
import { deviceName } from '../../../ui/composables/user-agent'
import { pollMs } from '../../../ui/composables/waiting'

describe('what is told of a password while it is typed', () => {
  test('its length counts characters as people see them', () => {
    expect(passwordRules('가나다라마바사아자차카타파하', 'x').longEnough).toBe(false)
    expect(passwordRules('가나다라마바사아자차카타파하호', 'x')).toMatchObject({ length: 15, good: true })
    expect(passwordRules('🔧'.repeat(15), 'x')).toMatchObject({ length: 15, longEnough: true })
    expect(passwordRules('🔧'.repeat(257), 'x')).toMatchObject({ short: false, good: false })
  })
  test('no sign or digit is asked for', () => {
    expect(passwordRules('correct horse battery', 'jiho').good).toBe(true)
  })
  test('the login name alone is none', () => {
    expect(passwordRules('jiho.kim.jiho.kim', 'jiho.kim')).toMatchObject({ longEnough: true, own: false, good: false })
    expect(passwordRules('jiho.kim likes lathes', 'jiho.kim').own).toBe(true)
    expect(passwordRules('', 'jiho.kim').own).toBe(true)
  })
})

test('a login is a name or an address of e-mail', () => {
  for (const good of ['admin', '김지호', 'a.b+c@plant.example', ' abc ']) expect([good, isLogin(good)]).toEqual([good, true])
  for (const bad of ['', 'ab', '.abc', 'a b c', 'x'.repeat(65), 'a/b/c']) expect([bad, isLogin(bad)]).toEqual([bad, false])
})

test('the token of the first start is read from the fragment', () => {
  expect(tokenOf('#token=abc123')).toBe('abc123')
  expect(tokenOf('#abc123')).toBe('abc123')
  expect(tokenOf('')).toBe('')
})

test('a browser is called as people call it', () => {
  const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'
  expect(deviceName(chrome)).toBe('Chrome · Windows')
  expect(deviceName(`${chrome} Edg/142.0.0.0`)).toBe('Edge · Windows')
  expect(deviceName('Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/141.0.0.0 Mobile Safari/537.36')).toBe('Chrome · Android')
  expect(deviceName('curl/8.5.0')).toBe('curl/8.5.0')
  expect(deviceName('')).toBe('')
})

test('who waits asks every two seconds, and ever less often while the server is away', () => {
  expect([0, 1, 2, 3, 4, 50].map(pollMs)).toEqual([2_000, 4_000, 8_000, 16_000, 30_000, 30_000])
})

test('the state of a key is that of now', () => {
  const now = Date.UTC(2026, 0, 1)
  const day = 86_400_000
  const at = (days: number) => new Date(now + days * day).toISOString()
  expect(keyState({ revokedAt: null, expiresAt: null }, now)).toBe('active')
  expect(keyState({ revokedAt: null, expiresAt: at(30) }, now)).toBe('active')
  expect(keyState({ revokedAt: null, expiresAt: at(3) }, now)).toBe('soon')
  expect(keyState({ revokedAt: null, expiresAt: at(0) }, now)).toBe('expired')
  expect(keyState({ revokedAt: at(-1), expiresAt: at(30) }, now)).toBe('revoked')
})
