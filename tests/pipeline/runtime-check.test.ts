import { afterAll, expect, test } from 'bun:test'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Manifest } from '../../server/contract/manifest'
import { checkRuntime } from '../../server/pipeline/runtime-check'
import { runtimeVersions } from '../../server/pipeline/runtime-versions'

const folder = mkdtempSync(join(tmpdir(), 'routewright-runtime-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const here = runtimeVersions()
const manifest = (runtime: Record<string, string>) => ({ runtime }) as Manifest

function metadata(text: string): string {
  const path = join(folder, `${crypto.randomUUID()}.json`)
  writeFileSync(path, text)
  return path
}
const madeBy = (runtime: Record<string, string>) => metadata(JSON.stringify({ runtime }))

test('what this program made is opened in silence', () => {
  expect(checkRuntime(madeBy(here), manifest({}))).toEqual({ drift: 'same', notes: [] })
})

test('what another major release made is refused with advice and the place', () => {
  const refused = () => checkRuntime(madeBy({ ...here, usearch: '3.1.0' }), manifest(here))
  expect(refused).toThrow(
    expect.objectContaining({
      code: 'version_incompatible',
      message: expect.stringContaining('train it again'),
      details: [{ path: 'training_metadata.json', message: expect.stringContaining('3.1.0') }],
    }),
  )
})

test('without the file, or with one that says nothing, the manifest counts', () => {
  const old = manifest({ ...here, platform: 'win32' })
  for (const path of [join(folder, 'absent.json'), metadata('no json'), metadata('[]'), metadata('{"runtime":7}')]) {
    expect(checkRuntime(path, old).drift).toBe('minor')
  }
})
