import { describe, expect, test } from 'bun:test'
import fc from 'fast-check'
import { manifestText, parseManifest } from '../../server/artifacts/manifest-text'
import { MANIFEST_SCHEMA, type Manifest } from '../../server/contract/manifest'
import { sampleBody } from './sample-version'

const manifest: Manifest = {
  schema: MANIFEST_SCHEMA,
  version: '2026.11.21_1',
  createdAt: '2026-11-21T08:00:00.000Z',
  files: {
    'index.usearch': { sha256: 'b'.repeat(64), bytes: 5_000 },
    'encoder.onnx': { sha256: 'c'.repeat(64), bytes: 1, optional: true },
  },
  ...sampleBody,
}
const text = manifestText(manifest)
const refused = (bad: string) => expect(() => parseManifest(bad)).toThrow(expect.objectContaining({ code: 'manifest_invalid' }))
const withField = (patch: object) => JSON.stringify({ ...manifest, ...patch })

describe('a manifest', () => {
  test('is read as it was written, and the text is the same each time', () => {
    expect(parseManifest(text)).toEqual(manifest)
    expect(manifestText(parseManifest(text))).toBe(text)
  })

  test('written by hand without what is optional is read', () => {
    const { 'encoder.onnx': _, ...files } = manifest.files
    expect(parseManifest(withField({ files })).notes).toBeUndefined()
    expect(parseManifest(withField({ notes: 'by hand: "quoted": yes' })).notes).toContain('by hand')
  })

  test.each([
    ['not JSON', '{'],
    ['empty', ''],
    ['a list', '[]'],
    ['null', 'null'],
    ['text after the end', `${text}x`],
    ['a double key at the root', text.replace('{', '{"version":"2026.11.21_1",')],
    ['a double key deep inside', text.replace('"seed": 1', '"seed": 1, "seed": 2')],
    ['a double key written with an escape', text.replace('"seed": 1', '"seed": 1, "\\u0073eed": 2')],
    ['an unknown field', withField({ extra: 1 })],
    ['an unknown field of a file', withField({ files: { a: { sha256: 'b'.repeat(64), bytes: 1, path: '/etc/passwd' } } })],
    ['a number beyond all bounds', text.replace('"items": 60', '"items": 1e999')],
    ['a number beyond exact integers', text.replace('"seed": 1', '"seed": 9007199254740993')],
    ['a negative count', text.replace('"items": 60', '"items": -1')],
    ['a broken count', text.replace('"items": 60', '"items": 1.5')],
    ['no files', withField({ files: {} })],
    ['another schema', withField({ schema: 'routewright.manifest/2' })],
    ['a version that is none', withField({ version: '../../etc' })],
    ['a time that is none', withField({ createdAt: 'yesterday' })],
    ['a recall above 1', withField({ recall: { standard: 1.2 } })],
    ['a negative connectivity', withField({ index: { connectivity: -1, expansionAdd: 1 } })],
    ['a hash in capitals', withField({ files: { a: { sha256: 'B'.repeat(64), bytes: 1 } } })],
    ['a million characters', withField({ parameters: { a: 'x'.repeat(1_000_001) } })],
    ['100,000 levels', text.replace('"seed": 1', `"seed": ${'['.repeat(100_000)}${']'.repeat(100_000)}`)],
  ])('with %s is refused', (_, bad) => refused(bad))

  test.each(['..', '.', '../a', 'a/b', '/etc/passwd', 'a\\b', 'manifest.json', '__proto__', '', 'a\nb', 'a b', 'ㄱ', 'x'.repeat(129)])(
    'that names the file %j is refused',
    (name) =>
      refused(
        `{"files":{${JSON.stringify(name)}:{"sha256":"${'b'.repeat(64)}","bytes":1}},${JSON.stringify({ ...manifest, files: undefined }).slice(1)}`,
      ),
  )

  test('that lost a field is refused', () => {
    for (const key of Object.keys(manifest)) refused(withField({ [key]: undefined }))
  })

  test('survives no replacement of a field by something of another kind', () => {
    const kind = (value: unknown) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value)
    fc.assert(
      fc.property(fc.constantFrom(...(Object.keys(manifest) as (keyof Manifest)[])), fc.jsonValue(), (key, value) => {
        fc.pre(kind(value) !== kind(manifest[key]))
        refused(withField({ [key]: value }))
      }),
    )
  })

  test('of any parameters is counted key for key', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })), (parameters) => {
        const odd = JSON.parse(JSON.stringify(parameters))
        let parsed: unknown
        try {
          parsed = parseManifest(manifestText({ ...manifest, parameters: odd })).parameters
        } catch (error) {
          // Only a number beyond ±2^53 may be refused here.
          expect((error as Error).message).toContain('2^53')
          return
        }
        expect(parsed).toEqual(odd)
      }),
    )
  })
})
