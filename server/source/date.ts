/**
 * Dates as ISO 8601 text. The plant's clocks carry no zone, so none is added: `2019-03-01T07:30:00`. Fractions of a second are
 * written only where there are any.
 */

/** `2019-03-01 07:30:00.000000000` as ISO text; a date alone, '' and a zone behind it stay. */
export function isoText(text: string): string {
  return text
    .replace(' ', 'T')
    .replace(/(\d\d:\d\d:\d\d)(?:\.(\d*?)0*)?(?=$|[+\-Z])/, (_, time: string, fraction?: string) =>
      fraction ? `${time}.${fraction}` : time,
    )
}

/** A moment counted in UTC as ISO text without zone. */
export function isoOfUtc(date: Date): string {
  const text = date.toISOString()
  return text.length === 24 && text.endsWith('.000Z') ? text.slice(0, 19) : isoText(text.slice(0, -1))
}
