/** JSON values as unmistakable texts: each with its type and its length, the keys of objects in order. */

/** Two values have the same text only when they are the same: `1` and `"1"`, `0` and `-0`, `["ab"]` and `["a", "b"]` differ. The order of keys does not count, nor do keys that are undefined. */
export function canonicalKey(value: unknown): string {
  if (typeof value === 'string') return `s${value.length}:${value}`
  if (typeof value === 'number') return `n${Object.is(value, -0) ? '-0' : value};`
  if (value === null || typeof value !== 'object') return `${value};`
  if (Array.isArray(value)) {
    let text = `a${value.length}:`
    for (const one of value) text += canonicalKey(one)
    return text
  }
  const fields = value as Record<string, unknown>
  let count = 0
  let text = ''
  for (const key of Object.keys(fields).sort()) {
    if (fields[key] === undefined) continue
    count++
    text += `${key.length}:${key}${canonicalKey(fields[key])}`
  }
  return `o${count}:${text}`
}
