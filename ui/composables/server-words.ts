/**
 * Sentences of the server in the person's language. The server speaks English; the English table repeats its sentences letter by
 * letter, with names and numbers in braces, and the table of the language says the same. What no table knows stays as it is.
 */
import { useI18n } from 'vue-i18n'

export type Table = Readonly<Record<string, string>>

/** The key of the sentence and what stands in its braces, which is never more than one cause; null for one that the table does not know. */
export function findSentence(table: Table, sentence: string): { key: string; values: Record<string, string> } | null {
  for (const [key, template] of Object.entries(table)) {
    const match = new RegExp(
      `^${template.replaceAll(/[$()*+.?[\\\]^|]/g, '\\$&').replaceAll(/\{(\w+)\}/g, '(?<$1>(?:(?![:;] ).)+)')}$`,
    ).exec(sentence)
    if (match !== null) return { key, values: { ...match.groups } }
  }
  return null
}

/** Who the server is in the ledger. */
const ownNames = new Set(['system', 'boot'])

/** Why something was switched: the server's own reason in the person's language; what a person wrote stays as it is. */
export function useReasons() {
  const say = useServerWords()
  return ({ who, why }: { who: string; why: string }): string => (ownNames.has(who) ? say(why) : why)
}

/** @param path where the tables stand among the messages */
export function useServerWords(path: 'problem.sentence' | 'ops.health.output' = 'problem.sentence') {
  const { t, locale, getLocaleMessage } = useI18n({ useScope: 'global' })
  const table = (): Table => {
    let part: unknown = getLocaleMessage('en')
    for (const name of path.split('.')) part = (part as Record<string, unknown> | undefined)?.[name]
    return (part as Table | undefined) ?? {}
  }
  const part = (sentence: string): string => {
    const found = findSentence(table(), sentence)
    return found === null ? sentence : t(`${path}.${found.key}`, found.values)
  }
  /** Causes stand one behind the other, some with their place before them. */
  const cause = (text: string): string => {
    const told = part(text)
    const colon = text.indexOf(': ')
    return told !== text || colon === -1 ? told : `${text.slice(0, colon)}: ${part(text.slice(colon + 2))}`
  }
  return (sentence: string): string => {
    if (locale.value === 'en') return sentence
    const whole = part(sentence)
    return whole === sentence ? sentence.split('; ').map(cause).join('; ') : whole
  }
}
