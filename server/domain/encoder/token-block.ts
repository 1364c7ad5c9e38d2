/** Codes and texts as bags of tokens. */
import type { TokenBlock } from './block'
import { addSignPattern } from './hash'

/** Tokens of one value beyond which the rest is ignored: a text of 4,000 characters must not cost 4,000 hashes. */
const TOKENS_MAX = 96

/** The prefixes of a code, shortest first: `P11-MS-Gld -` → p11, p11-ms, p11-ms-gld; one word → its first half and itself. */
export function codePrefixes(code: string): string[] {
  const parts = code
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
  if (parts.length === 0) return [code]
  if (parts.length === 1) return parts[0].length >= 4 ? [parts[0].slice(0, parts[0].length >> 1), parts[0]] : [parts[0]]
  const prefixes: string[] = []
  let prefix = ''
  for (const part of parts) {
    prefix = prefix === '' ? part : `${prefix}-${part}`
    prefixes.push(prefix)
    if (prefixes.length === TOKENS_MAX) break
  }
  return prefixes
}

/** Words (weight 1) and the character trigrams of each word (together weight 1), in lower case. */
export function textTokens(text: string): { token: string; weight: number }[] {
  const tokens: { token: string; weight: number }[] = []
  for (const word of text.toLowerCase().split(/[^\p{L}\p{N}.]+/u)) {
    if (word === '') continue
    tokens.push({ token: word, weight: 1 })
    const trigrams = word.length - 2
    for (let at = 0; at < trigrams && tokens.length < TOKENS_MAX; at++) {
      tokens.push({ token: `#${word.slice(at, at + 3)}`, weight: 1 / Math.sqrt(trigrams) })
    }
    if (tokens.length >= TOKENS_MAX) break
  }
  return tokens
}

export function encodeTokens(block: TokenBlock, value: string, out: Float64Array): void {
  if (block.kind === 'code') {
    for (const prefix of codePrefixes(value)) addSignPattern(prefix, 1, out, block.offset, block.size)
  } else {
    const tokens = textTokens(value)
    if (tokens.length === 0) addSignPattern(value, 1, out, block.offset, block.size)
    for (const { token, weight } of tokens) addSignPattern(token, weight, out, block.offset, block.size)
  }
  let norm = 0
  for (let at = block.offset; at < block.offset + block.size; at++) norm += out[at] * out[at]
  norm = Math.sqrt(norm)
  // opposite patterns can cancel out exactly in a small block: the value then counts as missing
  if (norm < 1e-9) return
  for (let at = block.offset; at < block.offset + block.size; at++) out[at] /= norm
}
