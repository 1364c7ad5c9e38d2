import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { useSettled } from '../../../ui/composables/settled'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('a value settles after it has been still', async () => {
  const text = ref('')
  const settled = effectScope().run(() => useSettled(() => text.value, { ms: 250, held: ref(false) }))!
  text.value = '가'
  await nextTick()
  vi.advanceTimersByTime(200)
  text.value = '가스'
  await nextTick()
  vi.advanceTimersByTime(200)
  expect(settled.value).toBe('')
  vi.advanceTimersByTime(60)
  expect(settled.value).toBe('가스')
})
test('nothing settles in the middle of a syllable', async () => {
  const text = ref('')
  const held = ref(true)
  const settled = effectScope().run(() => useSettled(() => text.value, { ms: 250, held }))!
  text.value = 'ㄱ'
  await nextTick()
  vi.advanceTimersByTime(5_000)
  expect(settled.value).toBe('')
  text.value = '글'
  held.value = false
  await nextTick()
  vi.advanceTimersByTime(250)
  expect(settled.value).toBe('글')
})
