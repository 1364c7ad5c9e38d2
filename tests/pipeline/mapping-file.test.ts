import { expect, test } from 'bun:test'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DomainError } from '../../server/domain/error'
import { loadMapping, mappingSha256, parseMapping } from '../../server/pipeline/mapping-file'

const good = {
  name: 'plant',
  items: { table: 't', key: 'k' },
  features: [{ kind: 'category', column: 'a' }],
  routings: { form: 'list', table: 't', column: 'route' },
}

function problemOf(act: () => unknown): DomainError {
  try {
    act()
  } catch (error) {
    if (error instanceof DomainError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

test('a mapping that fits is given back', () => {
  expect(parseMapping(good)).toEqual(good as never)
})

test.each<[string, unknown]>([
  ['/', null],
  ['/name', { ...good, name: undefined }],
  ['/extra', { ...good, extra: 1 }],
  ['/features/0/unit', { ...good, features: [{ kind: 'category', column: 'a', unit: 'mm' }] }],
  ['/features/0/weight', { ...good, features: [{ kind: 'number', column: 'a', weight: 99 }] }],
  ['/features/0', { ...good, features: [{ kind: 'colour', column: 'a' }] }],
  [
    '/features/1/name',
    {
      ...good,
      features: [
        { kind: 'text', column: 'x.a' },
        { kind: 'text', column: 'a' },
      ],
    },
  ],
  ['/features/0/pattern', { ...good, features: [{ kind: 'text', column: 'a', pattern: '(' }] }],
  ['/items/where/0', { ...good, items: { table: 't', where: [{ column: 'a' }] } }],
  ['/items/joins/1/as', { ...good, items: { table: 't', joins: [1, 2].map(() => ({ table: 'j', on: [{ left: 'a', right: 'b' }] })) } }],
  ['/routings/item', { ...good, routings: { form: 'list', table: 'other', column: 'route' } }],
  [
    '/routings/run/unit',
    { ...good, routings: { form: 'rows', table: 't', item: 'i', operation: 'o', run: { column: 'r', unit: 'years' } } },
  ],
])('a problem at %s is pointed at', (path, mapping) => {
  const problem = problemOf(() => parseMapping(JSON.parse(JSON.stringify(mapping))))
  expect(problem.code).toBe('mapping_invalid')
  expect(problem.details!.map((detail) => detail.path)).toContain(path)
})

test('a file that is not there and a file that is no JSON are told apart', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mapping-'))
  writeFileSync(join(folder, 'bad.json'), '{')
  expect(loadMapping(join(folder, 'none.json'))).rejects.toMatchObject({ code: 'source_not_found' })
  expect(loadMapping(join(folder, 'bad.json'))).rejects.toMatchObject({ code: 'mapping_invalid' })
})

test('the hash is of the content, not of the order of its keys', () => {
  const { name, ...rest } = good
  expect(mappingSha256(parseMapping({ ...rest, name }))).toBe(mappingSha256(parseMapping(good)))
  expect(mappingSha256(parseMapping({ ...good, name: 'other' }))).not.toBe(mappingSha256(parseMapping(good)))
})

test('every mapping of the benches can be used', async () => {
  const folder = join(import.meta.dir, '../../bench/quality/mappings')
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  expect(files.length).toBeGreaterThan(0)
  for (const file of files) expect((await loadMapping(join(folder, file))).name).toBe(file.replace(/\.json$/, ''))
})
