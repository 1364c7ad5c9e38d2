import { expect, test } from 'bun:test'
import { compareRuntimes } from '../../server/domain/runtime-compatibility'

const here = { routewright: '1.4.0', addon: '1.4.0', usearch: '2.26.6', platform: 'linux', arch: 'x64', bun: '1.4.5', kernels: 'avx2' }

test('the same program on the same system has nothing to say, whatever its arithmetic and its runtime', () => {
  expect(compareRuntimes({ ...here, bun: '1.5.0', kernels: 'portable' }, here)).toEqual({ drift: 'same', notes: [] })
})

test.each([
  ['another minor release of the program', { routewright: '1.3.9' }, 'Routewright 1.3.9'],
  ['another patch of the library', { usearch: '2.26.5' }, 'usearch 2.26.5'],
  ['another system', { platform: 'win32' }, 'operating system'],
  ['another processor', { arch: 'arm64' }, 'architecture'],
])('%s is a warning that names it', (_, change, words) => {
  const { drift, notes } = compareRuntimes({ ...here, ...change }, here)
  expect(drift).toBe('minor')
  expect(notes).toHaveLength(1)
  expect(notes[0]).toContain(words)
})

test.each([
  ['the program', { routewright: '2.0.0' }],
  ['the library', { usearch: '3.0.1' }],
  ['a release that is no number', { usearch: 'next' }],
])('another major release of %s is a refusal, whatever else differs', (_, change) => {
  expect(compareRuntimes({ ...here, platform: 'win32', ...change }, here).drift).toBe('major')
})

test('a version that does not say who made it is a warning', () => {
  expect(compareRuntimes({}, here)).toEqual({ drift: 'minor', notes: ['which release made it is not known'] })
})
