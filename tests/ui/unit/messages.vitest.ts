import { expect, test } from 'vitest'
import { problemCodes } from '../../../server/contract/problem'
import { firstLocale } from '../../../ui/i18n'
import { en } from '../../../ui/messages/en'
import { ko } from '../../../ui/messages/ko'
import { quality as qualityEn } from '../../../ui/messages/quality-en'
import { quality as qualityKo } from '../../../ui/messages/quality-ko'

function texts(tree: object, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[`${path}${key}`, value] as [string, string]] : texts(value, `${path}${key}.`),
  )
}
const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort()

const inEnglish = { ...en, quality: qualityEn }
const inKorean = { ...ko, quality: qualityKo }

test('both languages say the same things with the same placeholders', () => {
  const english = new Map(texts(inEnglish))
  const korean = new Map(texts(inKorean))
  expect([...korean.keys()].sort()).toEqual([...english.keys()].sort())
  for (const [key, text] of english) expect([key, placeholders(korean.get(key)!)]).toEqual([key, placeholders(text)])
})
test('no text is empty and every Korean sentence is Korean', () => {
  for (const [key, text] of texts(inKorean)) expect([key, text.trim()]).not.toEqual([key, ''])
  for (const [key, text] of texts(ko.problem.code)) expect([key, /[가-힣]/.test(text)]).toEqual([key, true])
})
test('every problem that has words of its own is one that the server can send', () => {
  for (const code of Object.keys(en.problem.code)) expect([...Object.keys(problemCodes), 'offline']).toContain(code)
})
test('the first visit is Korean unless the browser prefers English', () => {
  expect(firstLocale(null, ['ko-KR', 'en-US'])).toBe('ko')
  expect(firstLocale(null, ['en-GB', 'ko'])).toBe('en')
  expect(firstLocale(null, ['fr'])).toBe('ko')
  expect(firstLocale('en', ['ko-KR'])).toBe('en')
  expect(firstLocale('xx', ['en'])).toBe('en')
})
