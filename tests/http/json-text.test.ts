import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { DomainError } from '../../server/domain/error'
import { parseJson } from '../../server/http/json-text'

const codeOf = (text: string, options?: { depthMax: number }) => {
  try {
    parseJson(text, options)
    return 'parsed'
  } catch (error) {
    return error instanceof DomainError ? error.code : String(error)
  }
}

test('whatever JSON.parse makes of a valid document, so do we', () => {
  const document = fc.json({ maxDepth: 6 }).filter((text) => !text.includes('__proto__'))
  fc.assert(
    fc.property(document, (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text))
    }),
    { numRuns: 2_000 },
  )
})

test('any text either parses as JSON.parse does or is refused with a code', () => {
  const characters = fc.string({ unit: fc.constantFrom('{', '}', '[', ']', '"', '\\', ',', ':', 'a', '1', ' ', 'u'), maxLength: 40 })
  fc.assert(
    fc.property(characters, (text) => {
      const code = codeOf(text)
      if (code === 'parsed') expect(parseJson(text)).toEqual(JSON.parse(text))
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
  for (const [name, text, code] of cases) test(name, () => expect(codeOf(text)).toBe(code))
})

describe('accepted', () => {
  const cases: [string, string][] = [
    ['the same key in two objects', '[{"a":1},{"a":2}]'],
    ['a value equal to a key', '{"a":"a","b":["a","a"]}'],
    ['brackets and commas in a string', '{"a":"{[,]}\\"{","b":1}'],
    ['a string that ends with a backslash', '{"a":"\\\\","b":"\\\\"}'],
    ['__proto__ as a value', '{"a":"__proto__"}'],
  ]
  for (const [name, text] of cases) test(name, () => expect(parseJson(text)).toEqual(JSON.parse(text)))
})

test('the limit of depth is exact', () => {
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  expect(codeOf(nested(32))).toBe('parsed')
  expect(codeOf(nested(33))).toBe('too_deep')
  expect(codeOf(nested(3), { depthMax: 2 })).toBe('too_deep')
})
