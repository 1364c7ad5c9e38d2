/** Tables of a folder that are one table in pieces: the same columns under names that differ in one part of the path. */

const piecesMin = 3

/** Name with `*` → the names it unites. Each table is in one group at most, the largest. */
export function unitedNames(tables: { name: string; columns: { name: string }[] }[]): Map<string, string[]> {
  const groups = new Map<string, { pattern: string; names: string[] }>()
  for (const { name, columns } of tables) {
    const shape = JSON.stringify(columns.map((column) => column.name))
    for (const pattern of patternsOf(name)) {
      const key = `${pattern}\u0000${shape}`
      const group = groups.get(key) ?? { pattern, names: [] }
      group.names.push(name)
      groups.set(key, group)
    }
  }
  const taken = new Set<string>()
  const found = new Map<string, string[]>()
  for (const { pattern, names } of [...groups.values()].sort((left, right) => right.names.length - left.names.length)) {
    // Another shape under the same pattern would be united with these.
    const others = [...groups.values()].filter((group) => group.pattern === pattern).length
    if (names.length < piecesMin || others > 1 || names.some((name) => taken.has(name))) continue
    for (const name of names) taken.add(name)
    found.set(pattern, names)
  }
  return found
}

/** `plans/7/plan` gives the patterns with one part, or the number at the end of the last part, replaced by `*`. */
function patternsOf(name: string): string[] {
  const parts = name.split('/')
  const replaced = parts.map((_, at) => parts.map((part, index) => (index === at ? '*' : part)).join('/'))
  const last = parts[parts.length - 1]
  const numbered = last.replace(/\d+$/, '*')
  const beforeLast = replaced.slice(0, -1)
  return numbered !== last && numbered !== '*' ? [...beforeLast, [...parts.slice(0, -1), numbered].join('/')] : beforeLast
}
