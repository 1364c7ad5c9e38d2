import { expect, test } from 'vitest'
import { problemCodes } from '../../../server/contract/problem'
import { firstLocale } from '../../../ui/i18n'
import { audit as auditEn } from '../../../ui/messages/audit-en'
import { audit as auditKo } from '../../../ui/messages/audit-ko'
import { config as configEn } from '../../../ui/messages/config-en'
import { config as configKo } from '../../../ui/messages/config-ko'
import { door as doorEn } from '../../../ui/messages/door-en'
import { door as doorKo } from '../../../ui/messages/door-ko'
import { en } from '../../../ui/messages/en'
import { keys as keysEn } from '../../../ui/messages/keys-en'
import { keys as keysKo } from '../../../ui/messages/keys-ko'
import { ko } from '../../../ui/messages/ko'
import { models as modelsEn } from '../../../ui/messages/models-en'
import { models as modelsKo } from '../../../ui/messages/models-ko'
import { operatorProblems, operatorSentences } from '../../../ui/messages/operator-problems'
import { ops as opsEn } from '../../../ui/messages/ops-en'
import { ops as opsKo } from '../../../ui/messages/ops-ko'
import { people as peopleEn } from '../../../ui/messages/people-en'
import { people as peopleKo } from '../../../ui/messages/people-ko'
import { quality as qualityEn } from '../../../ui/messages/quality-en'
import { quality as qualityKo } from '../../../ui/messages/quality-ko'

function texts(tree: object, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : texts(value, `${path}${key}.`),
  )
}
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

const inEnglish = {
  ...en,
  operatorSentences: operatorSentences.en,
  door: doorEn,
  keys: keysEn,
  people: peopleEn,
  audit: auditEn,
  config: configEn,
  models: modelsEn,
  ops: opsEn,
  quality: qualityEn,
}
const inKorean = {
  ...ko,
  operatorSentences: operatorSentences.ko,
  door: doorKo,
  keys: keysKo,
  people: peopleKo,
  audit: auditKo,
  config: configKo,
  models: modelsKo,
  ops: opsKo,
  quality: qualityKo,
}

test('both languages say the same things with the same placeholders', () => {
  const english = new Map(texts(inEnglish))
  const korean = new Map(texts(inKorean))
  expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [key, text] of english) expect([key, placeholders(korean.get(key)!)]).toEqual([key, placeholders(text)])
})
test('no text has a sign that the messages’ own language takes for something else', () => {
  for (const [key, text] of [...texts(inEnglish), ...texts(inKorean)])
    expect([key, text.replaceAll(/\{'.'\}/g, '')]).toEqual([key, expect.not.stringMatching(/[@|]/)])
})
test('what a button is called for those who do not see it begins with or holds what it shows', () => {
  for (const { models, config, keys } of [inEnglish, inKorean]) {
    const { training, table } = models
    const pairs = [
      [training.log, training.logOf],
      [training.cancel, training.cancelOf],
      [training.retry, training.retryOf],
      [table.activate, table.activateOf],
      [table.compare, table.compareOf],
      [table.remove, table.removeOf],
      [config.history.revert, config.history.revertOf2],
      [keys.revoke, keys.revokeWhat],
    ]
    expect(pairs.filter(([shown, called]) => !called.toLowerCase().includes(shown.toLowerCase()))).toEqual([])
  }
})
test('no text is empty and every Korean sentence is Korean', () => {
  for (const [key, text] of texts(inKorean)) expect([key, text.trim()]).not.toEqual([key, ''])
  expect(Object.keys(operatorProblems.ko)).toEqual(Object.keys(operatorProblems.en))
  for (const [key, text] of texts({ ...ko.problem.code, ...operatorProblems.ko })) expect([key, /[가-힣]/.test(text)]).toEqual([key, true])
})
test('every problem that has words of its own is one that the server can send', () => {
  for (const code of [...Object.keys(en.problem.code), ...Object.keys(operatorProblems.en)])
    expect([...Object.keys(problemCodes), 'offline']).toContain(code)
})
test('every problem that the server can send has words of its own in both languages', () => {
  const known = new Set([en.problem.code, operatorProblems.en, peopleEn.problem].flatMap((table) => Object.keys(table)))
  expect(Object.keys(problemCodes).filter((code) => !known.has(code))).toEqual([])
})
test('the first visit is Korean unless the browser prefers English', () => {
  expect(firstLocale(null, ['ko-KR', 'en-US'])).toBe('ko')
  expect(firstLocale(null, ['en-GB', 'ko'])).toBe('en')
  expect(firstLocale(null, ['fr'])).toBe('ko')
  expect(firstLocale('en', ['ko-KR'])).toBe('en')
  expect(firstLocale('xx', ['en'])).toBe('en')
})
