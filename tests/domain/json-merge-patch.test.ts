import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { mergePatch } from '../../server/domain/json-merge-patch'
import { diffValues } from '../../server/domain/value-diff'

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
const refused = new Set(['__proto__', 'constructor', 'prototype'])
const key = fc.string({ maxLength: 6 }).filter((name) => !refused.has(name))
/** Objects with few names, so that target and patch meet. */
const { value: json } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, 1, 'x', [], [1, null]),
    fc.dictionary(fc.oneof(fc.constantFrom('a', 'b', 'c', 'toString', '~/'), key), tie('value'), { maxKeys: 4 }),
  ),
}))
const object = json.filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value)) as fc.Arbitrary<object>
const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && !Array.isArray(value) && Object.values(value as object).some(hasNull))

describe('a merge patch', () => {
  // the table of RFC 7396, appendix A
  const examples: [target: unknown, patch: unknown, result: unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  test.each(examples)('%j with %j is %j', (target, patch, result) => {
    expect(mergePatch(target, patch)).toEqual(result)
  })

  test('changes neither side, and applied twice does what it does once', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const [before, given] = [plain(target), plain(patch)]
        const once = mergePatch(target, patch)
        expect(plain(target)).toEqual(before)
        expect(plain(patch)).toEqual(given)
        expect(mergePatch(once, patch)).toEqual(once)
      }),
    )
  })

  test('without null takes nothing away, and every value that it names stands in the result', () => {
    fc.assert(
      fc.property(
        object,
        object.filter((patch) => !hasNull(patch)),
        (target, patch) => {
          const merged = mergePatch(target, patch) as object
          for (const name of Object.keys(target)) expect(Object.hasOwn(merged, name)).toBe(true)
          // applied to nothing it is itself
          expect(mergePatch(undefined, patch)).toEqual(patch)
        },
      ),
    )
  })

  test('never reaches the prototype of all objects', () => {
    for (const text of [
      '{"__proto__":{"polluted":1}}',
      '{"a":{"constructor":{"prototype":{"polluted":1}}}}',
      '{"a":{"b":{"__proto__":1}}}',
      '{"prototype":null}',
    ]) {
      expect(() => mergePatch({ a: {} }, JSON.parse(text))).toThrow(expect.objectContaining({ code: 'invalid_value' }))
    }
    // names that objects inherit are names like any other
    expect(mergePatch({}, { toString: { a: 1 }, valueOf: 2 })).toEqual({ toString: { a: 1 }, valueOf: 2 } as never)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})

describe('the difference of two values', () => {
  test('an empty list is no empty object, however deep', () => {
    expect(diffValues({ a: {} }, { a: [] })).toEqual([{ path: '/a', before: {}, after: [] }])
    expect(diffValues({ a: [[]] }, { a: [{}] })).toHaveLength(1)
    expect(diffValues({ a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] })).toEqual([])
  })

  /** Puts the changes into `before`, by their pointers. */
  const apply = (before: unknown, changes: ReturnType<typeof diffValues>): unknown => {
    let result = plain(before)
    for (const { path, after } of changes) {
      if (path === '') {
        result = after
        continue
      }
      const names = path
        .slice(1)
        .split('/')
        .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
      let at = result as Record<string, unknown>
      for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>
      const last = names.at(-1)!
      if (after === null) delete at[last]
      else at[last] = after
    }
    return result
  }

  test('is nothing for equal values, sorted, and leads from the one to the other', () => {
    fc.assert(
      fc.property(
        object.filter((value) => !hasNull(value)),
        object.filter((value) => !hasNull(value)),
        (before, after) => {
          expect(diffValues(before, plain(before))).toEqual([])
          const changes = diffValues(before, after)
          expect(apply(before, changes)).toEqual(plain(after))
          expect(diffValues(after, before).map(({ path, before, after }) => ({ path, before: after, after: before }))).toEqual(changes)
        },
      ),
    )
  })

  test('says absent as null, escapes names, and is bounded', () => {
    expect(diffValues({ 'a/b': { '~': 1 } }, { c: [1] })).toEqual([
      { path: '/a~1b', before: { '~': 1 }, after: null },
      { path: '/c', before: null, after: [1] },
    ])
    const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, at) => [`k${at}`, at]))
    expect(diffValues({}, many)).toHaveLength(1_000)
  })
})
