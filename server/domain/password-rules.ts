/** Which passwords are refused before anything looks at how guessable they are. Nothing of a password is ever said back. */

export const passwordCodePointsMin = 15
export const passwordCodePointsMax = 256

/** Stable names of the reasons; screens have a text for each. */
export const passwordProblems = ['too_short', 'too_long', 'too_common', 'contains_context', 'same_as_before'] as const
export type PasswordProblem = (typeof passwordProblems)[number]

/** How a password is compared and hashed: NFKC, so that two keyboards make the same one of the same text. */
export const normalizePassword = (password: string): string => password.normalize('NFKC')

/** Characters that must be left when names that everybody here knows are taken out. */
const ownCharactersMin = 8
const contextCharactersMin = 4
const productWords = ['routewright', 'routing', 'password', 'admin']

/** Names that say nothing secret in a password of this person: the product, the login and its parts, the name and its parts; lower case. */
export function contextWords({ login, name = '' }: { login: string; name?: string }): string[] {
  const words = [...productWords, login, name, ...login.split(/[^\p{L}\p{N}]+/u), ...name.split(/[^\p{L}\p{N}]+/u)]
  const plain = words.map((word) => word.normalize('NFKC').toLowerCase()).filter((word) => word.length >= contextCharactersMin)
  return [...new Set(plain)].sort((a, b) => b.length - a.length)
}

/** What is wrong with a normalised password by its length or by the names in it; null when that is all right. Lengths are code points. */
export function passwordProblem(
  password: string,
  context: readonly string[],
): Exclude<PasswordProblem, 'too_common' | 'same_as_before'> | null {
  const length = [...password].length
  if (length < passwordCodePointsMin) return 'too_short'
  if (length > passwordCodePointsMax) return 'too_long'
  const own = context.reduce((rest, word) => rest.replaceAll(word, ''), password.toLowerCase())
  return own.length < password.length && [...own].length < ownCharactersMin ? 'contains_context' : null
}
