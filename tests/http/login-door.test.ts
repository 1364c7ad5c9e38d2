import { expect, test } from 'bun:test'
import { LoginDoor } from '../../server/http/login-door'

function setUp(address = '10.0.0.7') {
  const clock = { ms: 0 }
  const refused: number[] = []
  const door = new LoginDoor({
    addressOf: () => address,
    keyOf: (given) => `net ${given}`,
    onRefused: (_, answer) => refused.push(answer.status),
    now: () => clock.ms,
  })
  return { door, clock, refused }
}
const login = (headers: Record<string, string> = {}, path = '/api/v1/auth/login', method = 'POST') =>
  new Request(`http://localhost${path}`, { method, headers })

test('while an address or all must wait, its log-ins are refused with the time to wait, and counted', async () => {
  const { door, clock, refused } = setUp()
  expect(door.refuse(login())).toBeNull()
  door.block('address:net 10.0.0.7', 4_200)
  const answer = door.refuse(login({ 'x-request-id': 'mes-0001-abcd' }))!
  expect(answer.status).toBe(429)
  expect(answer.headers.get('retry-after')).toBe('5')
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
  expect(await answer.json()).toEqual({ code: 'too_many_attempts', message: expect.any(String), requestId: 'mes-0001-abcd' })
  clock.ms = 4_199
  expect(door.refuse(login())?.headers.get('retry-after')).toBe('1')
  clock.ms = 4_200
  expect(door.refuse(login())).toBeNull()
  door.block('total', 1_000)
  expect(door.refuse(login())?.status).toBe(429)
  expect(refused).toEqual([429, 429, 429])
})

test('nothing else is refused: other addresses, other requests, browsers that are known', () => {
  const { door } = setUp()
  door.block('address:net 10.0.0.8', 10_000)
  expect(door.refuse(login())).toBeNull()
  door.block('address:net 10.0.0.7', 10_000)
  expect(door.refuse(login())).not.toBeNull()
  expect(door.refuse(login({}, '/api/v1/auth/logout'))).toBeNull()
  expect(door.refuse(login({}, '/api/v1/auth/login', 'GET'))).toBeNull()
  for (const cookie of ['device=abc', 'sid=1; device=abc', '__Secure-device=abc']) expect(door.refuse(login({ cookie }))).toBeNull()
  expect(door.refuse(login({ cookie: 'mydevice=abc' }))).not.toBeNull()
})
