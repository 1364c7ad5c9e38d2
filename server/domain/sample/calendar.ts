/** The sample plant's calendar: day 0 is 2005-01-03, the last day lies in late 2025. No clock. */
const dayMs = 86_400_000
const first = Date.UTC(2005, 0, 3)
const texts = Array.from({ length: 7_640 }, (_, day) => new Date(first + day * dayMs).toISOString().slice(0, 10))

/** `YYYY-MM-DD` of a day; days after the last are the last. */
export const dayText = (day: number): string => texts[Math.min(day, texts.length - 1)]
/** The ERP's way to say that something stays valid. */
export const openEnd = '2999-12-31'
export const lastDay = texts.length - 1
