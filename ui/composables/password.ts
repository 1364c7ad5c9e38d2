/** What the server asks of a password, told while someone types. It has the last word: it also knows which ones are common. */

export const PASSWORD_LENGTH_MIN = 15
export const PASSWORD_LENGTH_MAX = 256
/** Characters that must be left beside the person's own name. */
const OWN_MIN = 8
const NAME_MIN = 4

export interface PasswordRules {
  /** Characters as people count them: 하 and 🔧 are one each. */
  length: number
  longEnough: boolean
  short: boolean
  /** More than the login name. */
  own: boolean
  /** All of them. */
  good: boolean
}

/** Pure. */
export function passwordRules(password: string, login: string): PasswordRules {
  const text = password.normalize('NFKC')
  const length = [...text].length
  const names = [login, ...login.split(/[^\p{L}\p{N}]+/u)].map((name) => name.normalize('NFKC').toLowerCase())
  const rest = names.filter((name) => name.length >= NAME_MIN).reduce((left, name) => left.replaceAll(name, ''), text.toLowerCase())
  const longEnough = length >= PASSWORD_LENGTH_MIN
  const short = length <= PASSWORD_LENGTH_MAX
  const own = rest.length === text.length || [...rest].length >= OWN_MIN
  return { length, longEnough, short, own, good: longEnough && short && own }
}
