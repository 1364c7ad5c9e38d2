import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findSentence } from '../../../ui/composables/server-words'
import { operatorSentences } from '../../../ui/messages/operator-problems'
import { ops } from '../../../ui/messages/ops-en'
import { problem } from '../../../ui/messages/problem-en'

const root = join(__dirname, '../../..')
const sources = readdirSync(join(root, 'server'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'server', name), 'utf8'))
/** What schemas say of a value is said by their library. */
const library = readFileSync(join(root, 'node_modules/@sinclair/typebox/build/esm/errors/function.mjs'), 'utf8')
const said = [...sources, library].map((text) => text.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '\u0000'))

test('every sentence that has another language stands in the server’s own source, letter by letter', () => {
  const tables = { ...problem.sentence, ...operatorSentences.en, ...ops.health.output }
  const gone = Object.values(tables).filter((sentence) => {
    const template = sentence.replaceAll(/\{\w+\}/g, '\u0000')
    return !said.some((text) => ["'", '"', '`'].some((quote) => text.includes(`${quote}${template}${quote}`)))
  })
  expect(gone).toEqual([])
})

test('a sentence is found with what stands in its braces, and only as a whole', () => {
  const table = { most: 'Expected integer to be less or equal to {max}', left: '{n} MB left', plain: 'it serves (now?)' }
  expect(findSentence(table, 'Expected integer to be less or equal to 1024')).toEqual({ key: 'most', values: { max: '1024' } })
  expect(findSentence(table, '712 MB left')).toEqual({ key: 'left', values: { n: '712' } })
  expect(findSentence(table, 'it serves (now?)')).toEqual({ key: 'plain', values: {} })
  // two causes are not one
  expect(findSentence(table, 'the disk is full; 712 MB left')).toBeNull()
  expect(findSentence(table, 'disk: 712 MB left')).toBeNull()
  for (const other of ['it serves (now', 'it serves now', 'only 712 MB left over', '']) expect(findSentence(table, other)).toBeNull()
})
