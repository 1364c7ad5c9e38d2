import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { DomainError } from '../../server/domain/error'
import { parseJson } from '../../server/http/json-text'

const codeOf = async (text: string, options?: { depthMax: number }) => {
  try {
    await parseJson(text, options)
    return 'parsed'
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error)
  }
}

test('whatever JSON.parse makes of a valid document, so do we', async () => {
  const document = fc.json({ maxDepth: 6 }).filter((text) => !text.includes('__proto__'))
  await fc.assert(
    fc.asyncProperty(document, async (text) => {
      expect(await parseJson(text)).toEqual(JSON.parse(text))
    }),
    { numRuns: 2_000 },
  )
})

test('any text either parses as JSON.parse does or is refused with a code', async () => {
  const characters = fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '1', ' ', 'u'), maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(characters, async (text) => {
      const code = await codeOf(text)
      if (code === 'parsed') expect(await parseJson(text)).toEqual(JSON.parse(text))
      else expect(['bad_json', 'too_deep']).toContain(code)
    }),
    { numRuns: 5_000 },
  )
})

describe('refused', () => {
  const cases: [string, string, string][] = [
    ['a key twice', '{"a":1,"a":2}', 'bad_json'],
    ['a key twice in an inner object', '{"a":{"b":1,"c":2,"b":3}}', 'bad_json'],
    ['a key twice, once written with an escape', '{"a":1,"\\u0061":2}', 'bad_json'],
    ['a key twice after a list', '{"a":[1,{"a":1}],"a":2}', 'bad_json'],
    ['__proto__', '{"__proto__":1}', 'bad_json'],
    ['__proto__ with an escape', '{"\\u005f_proto__":1}', 'bad_json'],
    ['a key with a broken escape', '{"\\x":1}', 'bad_json'],
    ['an open string', '{"a', 'bad_json'],
    ['a closing bracket alone', ']', 'bad_json'],
    ['NaN', '[NaN]', 'bad_json'],
  ]
  for (const [name, text, code] of cases) test(name, async () => expect(await codeOf(text)).toBe(code))
})

describe('accepted', () => {
  const cases: [string, string][] = [
    ['the same key in two objects', '[{"a":1},{"a":2}]'],
    ['a value equal to a key', '{"a":"a","b":["a","a"]}'],
    ['brackets and commas in a string', '{"a":"{[,]}\\"{","b":1}'],
    ['a string that ends with a backslash', '{"a":"\\\\","b":"\\\\"}'],
    ['__proto__ as a value', '{"a":"__proto__"}'],
  ]
  for (const [name, text] of cases) test(name, async () => expect(await parseJson(text)).toEqual(JSON.parse(text)))
})

test('the limit of depth is exact', async () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(await codeOf(nested(32))).toBe('parsed')
  expect(await codeOf(nested(33))).toBe('too_deep')
  expect(await codeOf(nested(3), { depthMax: 2 })).toBe('too_deep')
})

test('a text of many slices is checked over their borders, and others get their turn', async () => {
  const items = Array.from({ length: 40_000 }, (_, index) => ({ item: `quote " and brace { of ${index}`, list: [1, { a: 2 }] }))
  const text = JSON.stringify({ items, last: 1 })
  expect(text.length).toBeGreaterThan(2_000_000)
  let turns = 0
  const timer = setInterval(() => turns++, 0)
  expect(await parseJson(text)).toEqual(JSON.parse(text))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
  expect(await codeOf(`${text.slice(0, -1)},"items":2}`)).toBe('bad_json')
})
