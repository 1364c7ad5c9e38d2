/** An error as the log may keep it: its stack and its causes, without the values that a database client writes into messages. */

const causesMax = 4
const charactersMax = 8_000

/** What must never be kept, whatever message carries it: the parameters of a query, tokens, cookies, keys. */
const secrets: [RegExp, string][] = [
  [/\nparams:[\s\S]*?(?=\n\s+at |\ncaused by: |$)/g, '\nparams: (left out)'],
  [/\beyJ[\w-]{10,}\.[\w-]+\.[\w-]*/g, '(token)'],
  [/\bBearer\s+[\w.~+/=-]+/gi, 'Bearer (token)'],
  [/\$argon2\w*\$[^\s'"]+/g, '(hash)'],
  [/((?:password|secret|token|cookie|authorization)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+)/gi, '$1(left out)'],
]

/** Text of an error and its causes, bounded. */
export function describeError(error: unknown): string {
  const parts: string[] = []
  let at: unknown = error
  for (let depth = 0; depth < causesMax && at !== undefined && at !== null; depth++) {
    parts.push(at instanceof Error ? (at.stack ?? at.message) : 'not an Error')
    at = at instanceof Error ? at.cause : undefined
  }
  return redact(parts.join('\ncaused by: ')).slice(0, charactersMax)
}

export const redact = (text: string): string => secrets.reduce((left, [pattern, mask]) => left.replace(pattern, mask), text)
