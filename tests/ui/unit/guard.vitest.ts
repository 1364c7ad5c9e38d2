import { describe, expect, test } from 'vitest'
import { type Decision, decide, safeNext, type Visitor } from '../../../ui/composables/guard'

const nobody: Visitor = { me: null, state: 'out', setupOpen: false }
const first: Visitor = { me: null, state: 'out', setupOpen: true }
const user: Visitor = { me: { role: 'user', mustChangePassword: false }, state: 'in', setupOpen: false }
const admin: Visitor = { me: { role: 'admin', mustChangePassword: false }, state: 'in', setupOpen: false }
const reset: Visitor = { me: { role: 'admin', mustChangePassword: true }, state: 'in', setupOpen: false }
const unknown: Visitor = { me: null, state: 'unknown', setupOpen: false }

const page = (path: string, { door = false, role = 'user' as 'user' | 'admin' } = {}) => ({ path, fullPath: path, door, role })
const predict = page('/predict')
const users = page('/admin/users', { role: 'admin' })
const account = page('/account')
const login = page('/login', { door: true })
const register = page('/register', { door: true })
const setup = page('/setup', { door: true })

describe('which page a person gets', () => {
  const table: [string, Visitor, ReturnType<typeof page>, Decision][] = [
    ['nobody wants a page', nobody, predict, 'login'],
    ['nobody wants an admin’s page', nobody, users, 'login'],
    ['nobody wants the login', nobody, login, 'pass'],
    ['nobody wants to register', nobody, register, 'pass'],
    ['the first one wants a page', first, predict, 'setup'],
    ['the first one wants the login', first, login, 'setup'],
    ['the first one is at the setup', first, setup, 'pass'],
    ['the first one registers', first, register, 'pass'],
    ['a user wants a page', user, predict, 'pass'],
    ['a user wants an admin’s page', user, users, 'refuse'],
    ['a user wants the login', user, login, 'home'],
    ['a user wants the setup', user, setup, 'home'],
    ['an admin wants an admin’s page', admin, users, 'pass'],
    ['after a reset every page is the account', reset, users, 'account'],
    ['after a reset the login is the account', reset, login, 'account'],
    ['after a reset the account opens', reset, account, 'pass'],
    ['while the server is away the page says so itself', unknown, users, 'pass'],
  ]
  test.each(table)('%s', (_, visitor, wanted, decision) => {
    expect(decide(visitor, wanted)).toBe(decision)
  })
})

test('after the login only addresses of these screens are gone to', () => {
  expect(safeNext('/items/A-1?view=2#x')).toBe('/items/A-1?view=2#x')
  for (const bad of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', undefined, ['/items']]) {
    expect(safeNext(bad)).toBe('/')
  }
})
