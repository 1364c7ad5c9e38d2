import { afterEach, describe, expect, test } from 'vitest'
import { defineComponent, h } from 'vue'
import ProblemNote from '../../../ui/components/common/ProblemNote.vue'
import HealthList from '../../../ui/components/ops/HealthList.vue'
import { ApiProblem } from '../../../ui/composables/api'
import { useTexts } from '../../../ui/composables/texts'
import type { Locale } from '../../../ui/i18n'
import { ops as opsEn } from '../../../ui/messages/ops-en'
import { ops as opsKo } from '../../../ui/messages/ops-ko'
import { settle, show } from './mount'

afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

describe('what the server says of a place', () => {
  const problem = new ApiProblem(
    {
      code: 'invalid_value',
      message: 'the request is not as the contract says',
      requestId: 'r',
      details: [
        { path: 'OUTDIAMETER', message: 'must be a number' },
        { path: '/topK', message: 'Expected integer to be less or equal to 200' },
        { path: '/other', message: 'a sentence that nobody has put into words' },
      ],
    },
    422,
  )
  const note = async (locale: Locale) => {
    const shown = show(ProblemNote, { props: { problem }, locale })
    await settle()
    return shown.findAll('li').map((line) => line.text())
  }
  test('is Korean on a Korean screen, with its numbers and its place; what has no words stays as it is', async () => {
    expect(await note('ko')).toEqual([
      expect.stringMatching(/숫자여야 합니다$/),
      '/topK 200 이하의 정수여야 합니다',
      '/other a sentence that nobody has put into words',
    ])
  })
  test('is the server’s own on an English one', async () => {
    expect((await note('en')).map((line) => line.split(' ').slice(1).join(' '))).toEqual(problem.details.map(({ message }) => message))
  })
})

test('what a check says of itself is Korean on a Korean screen', async () => {
  const page = defineComponent({
    setup() {
      useTexts('ops', { en: opsEn, ko: opsKo })
      const check = (output: string) => [{ status: 'warn', time: '2026-01-01T00:00:00Z', output }]
      const checks = {
        'disk:utilization': check('712 MB left'),
        'worker:states': check('worker 2, 3 does not serve what is active or configured'),
      }
      return () => h(HealthList, { health: { status: 'warn', version: '1', releaseId: 'x', checks } as never })
    },
  })
  const text = async (locale: Locale) => {
    const shown = show(page, { locale })
    await settle()
    return shown.text()
  }
  const korean = await text('ko')
  for (const words of ['712 MB 남음', '워커 2, 3이(가) 활성 버전이나 설정을 따라오지 못하고 있습니다']) expect(korean).toContain(words)
  expect(await text('en')).toContain('712 MB left')
})
