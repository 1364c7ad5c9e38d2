/** A clock that moves on while it is looked at, and times as people say them. */
import { createSharedComposable, useIntervalFn } from '@vueuse/core'
import { ref } from 'vue'

const TICK_MS = 10_000

/** Milliseconds since 1970, renewed every ten seconds; one timer for all who look. */
export const useNow = createSharedComposable(() => {
  const now = ref(Date.now())
  useIntervalFn(() => {
    now.value = Date.now()
  }, TICK_MS)
  return now
})

const steps: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** `3 hours ago`, `방금`; within half a minute it is now. Pure. */
export function relativeTime(at: number, now: number, locale: string): string {
  const seconds = Math.round((at - now) / 1_000)
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' })
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit)
  }
  return Math.abs(seconds) < 30 ? format.format(0, 'second') : format.format(seconds, 'second')
}

const spanUnits: [unit: string, seconds: number][] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
]

/** A span in the two units that matter: `2d 4h`, `35초`. Pure. */
export function spanText(ms: number, locale: string): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const first = Math.max(
    0,
    spanUnits.findIndex(([, size]) => seconds >= size),
  )
  const write = (count: number, unit: string) => new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(count)
  if (seconds === 0) return write(0, 'second')
  let rest = seconds
  return spanUnits
    .slice(first, first + 2)
    .map(([unit, size]): [number, string] => {
      const count = Math.floor(rest / size)
      rest -= count * size
      return [count, unit]
    })
    .filter(([count]) => count > 0)
    .map(([count, unit]) => write(count, unit))
    .join(' ')
}

/** Milliseconds as people read them: `0.42 ms`, `38 ms`, `1.24 s`, then in words. Pure. */
export function msText(ms: number, locale: string): string {
  if (ms < 10) return `${Number(ms.toPrecision(2))} ms`
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`
  return spanText(ms, locale)
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB']
/** `84.2 MB`, powers of 1,000. Pure. */
export function bytesText(bytes: number): string {
  const power = bytes > 0 ? Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(bytes) / 3)) : 0
  return `${Number((bytes / 1_000 ** power).toPrecision(3))} ${BYTE_UNITS[power]}`
}
