/** The reference says what happens: every route is asked with good, damaged and hostile requests; no status comes that it does not name. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { type PeopleApp, startPeopleApp } from '../accounts/people-app'
import { fillPeople, routesOf } from '../accounts/role-matrix'
import { routeRequests } from '../accounts/route-requests'

interface Operation {
  parameters?: { in: string; name: string; required: boolean; schema: { type?: string; default?: unknown; anyOf?: unknown } }[]
  requestBody?: { content: Record<string, { schema: { format?: string } }> }
  responses: Record<string, { content?: Record<string, unknown> }>
  security: Record<string, string[]>[]
}

const runs = 30
/** The same cases in every run of the suite; another seed finds others: ROUTEWRIGHT_FUZZ_SEED. */
const seed = Number(process.env.ROUTEWRIGHT_FUZZ_SEED ?? 5)

const app: PeopleApp = startPeopleApp()
let paths: Record<string, Record<string, Operation>>
beforeAll(async () => {
  await fillPeople(app)
  const document = (await (await app.call('/api/docs/json')).json()) as { openapi: string; paths: typeof paths }
  expect(document.openapi).toStartWith('3.1')
  paths = document.paths
}, 60_000)
afterAll(() => app.stop())

/** `GET /api/v1/items/:code` → its operation in the reference. */
const operationOf = (name: string): Operation | undefined => {
  const [method, path] = name.split(' ') as [string, string]
  return paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()]
}
const routes = routesOf(app.app)
const documented = routes.filter(({ name }) => !/ (\/|\/\*|\/api\/docs.*)$/.test(name))

test('every route of the API is in the reference with its role, and nothing else is', () => {
  expect(documented.filter(({ name }) => operationOf(name) === undefined).map(({ name }) => name)).toEqual([])
  const listed = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`),
  )
  expect(listed.toSorted()).toEqual(documented.map(({ name }) => name).toSorted())
  const roleOf = (name: string) => (operationOf(name) as Operation & { 'x-role'?: string })['x-role']
  expect(documented.filter(({ name, role }) => roleOf(name) !== role)).toEqual([])
})

test('the reference says what can be sent and what comes, not what the framework makes of it', () => {
  const operations = documented.map(({ name }) => ({ name, operation: operationOf(name)! }))
  const contents = operations.flatMap(({ operation }) => [
    operation.requestBody?.content,
    ...Object.values(operation.responses).map(({ content }) => content),
  ])
  expect(contents.flatMap((content) => Object.keys(content ?? {})).filter((type) => !/^[a-z]+\/[a-z-]+$/.test(type))).toEqual([])
  const queries = operations.flatMap(({ operation }) => operation.parameters ?? []).filter((one) => one.in === 'query')
  expect(queries.length).toBeGreaterThan(10)
  expect(queries.filter(({ required, schema }) => required && schema.default !== undefined)).toEqual([])
  expect(queries.filter(({ schema }) => schema.type === undefined && JSON.stringify(schema.anyOf)?.includes('integer'))).toEqual([])
})

test('the reference says that a vector may be sent as bytes, and where a key is not enough', () => {
  const search = operationOf('POST /api/v1/search')!
  expect(Object.keys(search.requestBody!.content)).toEqual(['application/json', 'application/octet-stream'])
  expect(search.requestBody!.content['application/octet-stream']!.schema.format).toBe('binary')
  expect(search.security).toEqual([{ key: [] }, { session: [] }])
  expect(operationOf('POST /api/v1/config/revert')!.security).toEqual([{ session: [] }])
  expect(operationOf('GET /livez')!.security).toEqual([])
})

const json = fc.jsonValue({ maxDepth: 3 })
const text = fc.oneof(
  fc.string({ maxLength: 40, unit: 'grapheme' }),
  fc.string({ maxLength: 20, unit: 'binary' }),
  fc.constantFrom('', '0', '-1', '1', '1e9', '99999999999999999999', 'true', 'null', '../../etc/passwd', "' or 1=1 --", '2026.01.31_1'),
)

/** One value somewhere in a good body is replaced, removed or joined by one that nobody asked for. */
const damaged = (good: unknown): fc.Arbitrary<unknown> => {
  if (typeof good !== 'object' || good === null || Array.isArray(good)) return json
  const keys = Object.keys(good)
  return fc.tuple(fc.constantFrom(...keys, 'extra'), fc.option(json, { nil: undefined })).map(([key, value]) => ({ ...good, [key]: value }))
}

/** The path with its parameters replaced, and a query of known and unknown names. */
function addressOf(name: string): fc.Arbitrary<string> {
  const good = routeRequests[name]!.path
  const template = name.split(' ')[1]!
  const names = (operationOf(name)?.parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name)
  const query = fc.dictionary(fc.constantFrom(...names, 'unknown'), text, { maxKeys: 3 })
  const parameters = fc.array(
    text.filter((value) => value !== '' && value !== '.' && value !== '..'),
    { minLength: 3, maxLength: 3 },
  )
  const filled = fc.tuple(parameters, query).map(([values, asked]) => {
    let at = 0
    const path = template.replace(/:\w+/g, () => encodeURIComponent(values[at++]!.toWellFormed()))
    const search = new URLSearchParams(Object.entries(asked).map(([key, value]) => [key, value.toWellFormed()]))
    return `${path}${search.size > 0 ? `?${search}` : ''}`
  })
  return fc.oneof({ weight: 1, arbitrary: fc.constant(good) }, { weight: 2, arbitrary: filled })
}

function bodyOf(name: string): fc.Arbitrary<string | undefined> {
  const good = routeRequests[name]!.body
  if (good === undefined) return fc.constant(undefined)
  return fc.oneof(
    fc.constant(JSON.stringify(good)),
    damaged(good).map((value) => JSON.stringify(value)),
    json.map((value) => JSON.stringify(value)),
    fc.string({ maxLength: 60 }),
  )
}

describe('a documented status and no failure of ours', () => {
  test.each(documented.map(({ name }) => name))(
    '%s',
    async (name) => {
      const method = name.split(' ', 1)[0]!
      const { responses } = operationOf(name)!
      const request = fc.record({
        path: addressOf(name),
        body: bodyOf(name),
        who: fc.constantFrom('boss', 'boss', 'boss', 'user', null, 'key:predict'),
        type: fc.constantFrom('application/json', 'application/json', 'application/json', 'text/plain'),
      })
      const ask = fc.asyncProperty(request, async ({ path, body, who, type }) => {
        const headers = {
          ...routeRequests[name]!.headers,
          ...(await app.headersOf(who)),
          ...(body === undefined ? {} : { 'content-type': type }),
        }
        const leave = new AbortController()
        const answer = await app.call(path, { method, headers, body, signal: leave.signal })
        if (answer.headers.get('content-type')?.startsWith('text/event-stream')) leave.abort()
        else await answer.arrayBuffer()
        if (!(String(answer.status) in responses) || answer.status === 500) throw new Error(`answered ${answer.status} to ${who}`)
      })
      await fc.assert(ask, { numRuns: runs, seed, endOnFailure: true })
      expect(app.failures.splice(0).map(({ error }) => String(error))).toEqual([])
    },
    60_000,
  )
})
