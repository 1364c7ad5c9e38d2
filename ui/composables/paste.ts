/** A row copied from a spreadsheet, or lines of `key: value`, read as attributes. Pure. */
import Papa from 'papaparse'
import type { FormField } from '../../server/contract/item'

export interface PastedValue {
  header: string
  value: string
}
export interface Pasted {
  shape: 'empty' | 'row' | 'pairs' | 'no_header'
  recognised: (PastedValue & { attribute: string })[]
  unrecognised: PastedValue[]
  /** Rows of values below the header; only one is read. */
  rows: number
}

/** Letters and digits only, without case, width or a unit in brackets: `외경 (mm)` is `외경`, `OUT_DIAMETER` is `out diameter`. */
export function matchKey(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[([{][^)\]}]*[)\]}]\s*$/u, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
}

function attributeFinder(fields: readonly FormField[]): (header: string) => string | null {
  const byKey = new Map<string, string>()
  // Names win over labels: two attributes may share a label, never a name.
  for (const field of fields) for (const label of [field.label.ko, field.label.en]) byKey.set(matchKey(label), field.name)
  for (const field of fields) byKey.set(matchKey(field.name), field.name)
  byKey.delete('')
  return (header) => byKey.get(matchKey(header)) ?? null
}

const pairPattern = /^\s*([^:=\t]{1,128}?)\s*(?:[:=：＝]|\t)\s*(.*)$/u

function readPairs(lines: readonly string[]): PastedValue[] | null {
  const pairs: PastedValue[] = []
  for (const line of lines) {
    const match = pairPattern.exec(line)
    if (!match) return null
    pairs.push({ header: match[1], value: match[2].trim() })
  }
  return pairs
}

function sortOut(values: readonly PastedValue[], find: (header: string) => string | null): Pick<Pasted, 'recognised' | 'unrecognised'> {
  const recognised: Pasted['recognised'] = []
  const unrecognised: PastedValue[] = []
  const taken = new Set<string>()
  for (const entry of values) {
    if (entry.header.trim() === '' && entry.value.trim() === '') continue
    const attribute = find(entry.header)
    if (attribute === null || taken.has(attribute)) unrecognised.push(entry)
    else {
      taken.add(attribute)
      recognised.push({ ...entry, attribute })
    }
  }
  return { recognised, unrecognised }
}

/**
 * What the text holds. `row` picks the row of values below a header, 0 the first. Text without any known header gives
 * `no_header` with nothing recognised, so the screen can say why.
 */
export function parsePaste(text: string, fields: readonly FormField[], { row = 0 }: { row?: number } = {}): Pasted {
  if (text.trim() === '') return { shape: 'empty', recognised: [], unrecognised: [], rows: 0 }
  const find = attributeFinder(fields)
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '')

  const pairs = readPairs(lines)
  // A header above one row of two columns looks like pairs as well: known names down the first column against known names along the first row.
  const known = pairs?.filter((pair) => find(pair.header) !== null).length ?? 0
  const { data: table } = Papa.parse<string[]>(text.trim(), { delimiter: text.includes('\t') ? '\t' : '', skipEmptyLines: 'greedy' })
  const header = table[0] ?? []
  const knownInHeader = header.filter((cell) => find(cell) !== null).length

  if (pairs && (known > knownInHeader || (known > 0 && table.length === 1))) return { shape: 'pairs', rows: 1, ...sortOut(pairs, find) }
  if (knownInHeader > 0 && table.length > 1) {
    const values = table[Math.min(row, table.length - 2) + 1]
    const entries = header.map((cell, index) => ({ header: cell.trim(), value: (values[index] ?? '').trim() }))
    return { shape: 'row', rows: table.length - 1, ...sortOut(entries, find) }
  }
  if (pairs && !text.includes('\t')) return { shape: 'pairs', rows: 1, ...sortOut(pairs, find) }
  return {
    shape: 'no_header',
    recognised: [],
    unrecognised: header.map((cell) => ({ header: cell.trim(), value: '' })),
    rows: table.length,
  }
}
