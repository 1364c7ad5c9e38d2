/** `source inspect`: every table with its columns profiled, what cannot be read with the reason, and a guessed mapping. */
import type { SourceInspection, SourceTable } from '../contract/source'
import { DomainError } from '../domain/error'
import type { Finding } from '../domain/plant'
import type { FolderSource } from './folder'
import { type GuessTable, guessMapping } from './guess'
import { unitedNames } from './patterns'
import { countValues, profileColumn } from './profile'
import type { CellType, Frame, Source, TableInfo } from './source'
import { tableColumn } from './union'

/** Rows that a profile is taken from; row counts are exact all the same. */
const sampleRowsMax = 200_000

export interface InspectProgress {
  onTable?: (name: string, done: number, total: number) => void
}

/** Looks at all tables of an open source. The source stays open. */
export async function inspectSource(source: Source, { onTable }: InspectProgress = {}): Promise<SourceInspection> {
  const infos = await source.tables()
  const tables: SourceTable[] = []
  const guessable: GuessTable[] = []
  for (const [index, info] of infos.entries()) {
    onTable?.(info.name, index, infos.length)
    const { table, guess } = await inspectTable(source, info)
    tables.push(table)
    if (guess) guessable.push(guess)
  }
  const { mapping, reasons } = guessMapping(source.kind === 'folder' ? await united(source, guessable, infos) : guessable)
  const inspection: SourceInspection = { source: source.path, kind: source.kind, tables, mapping, mappingReasons: reasons }
  const { ignored } = source as Partial<FolderSource>
  return ignored ? { ...inspection, ignored } : inspection
}

async function inspectTable(source: Source, info: TableInfo): Promise<{ table: SourceTable; guess: GuessTable | null }> {
  if (info.unreadable) return { table: { name: info.name, rows: null, columns: [], unreadable: info.unreadable }, guess: null }
  const readable = info.columns.filter((column) => !column.unreadable)
  const rows = info.rows ?? 0
  let frame: Frame
  try {
    const names = readable.map((column) => column.name)
    frame = await source.readColumns(info.name, names, { rowsMax: sampleRowsMax })
  } catch (error) {
    // A damaged page shows only when it is read: the other tables are still worth seeing.
    if (!(error instanceof DomainError)) throw error
    return { table: { name: info.name, rows: null, columns: [], unreadable: error.message }, guess: null }
  }
  const guess: GuessTable = { name: info.name, rows: frame.rows, columns: [] }
  const columns = info.columns.map(({ name, type, unreadable }) => {
    if (unreadable) return { name, type, missing: 0, distinct: 0, top: [], units: [], unreadable }
    const { values, ...profile } = guessColumn(name, type, frame)
    guess.columns.push({ ...profile, values })
    return profile
  })
  const table: SourceTable = { name: info.name, rows, columns }
  if (frame.rows < rows) table.sampled = frame.rows
  if (frame.findings && frame.findings.length > 0) table.notes = frame.findings.map(noteOf)
  return { table, guess }
}

/** The tables to guess from, those that are pieces of one united to it. */
async function united(source: Source, tables: GuessTable[], infos: TableInfo[]): Promise<GuessTable[]> {
  const groups = unitedNames(tables)
  const rowsOf = new Map(infos.map((info) => [info.name, info.rows ?? 0]))
  const pieces = new Set<string>()
  const unions: GuessTable[] = []
  for (const [pattern, names] of groups) {
    const rows = names.reduce((sum, name) => sum + rowsOf.get(name)!, 0)
    if (rows > sampleRowsMax) continue
    const info = infos.find((other) => other.name === names[0])!
    const columns = [...info.columns.filter((column) => !column.unreadable), { name: tableColumn, type: 'text' as const }]
    const frame = await source.readColumns(
      pattern,
      columns.map((column) => column.name),
    )
    for (const name of names) pieces.add(name)
    unions.push({ name: pattern, rows: frame.rows, columns: columns.map(({ name, type }) => guessColumn(name, type, frame)) })
  }
  return [...unions, ...tables.filter((table) => !pieces.has(table.name))]
}

function guessColumn(name: string, type: CellType, frame: Frame): GuessTable['columns'][number] {
  const counted = countValues(frame.columns.get(name)!, frame.rows)
  return { ...profileColumn(name, type, counted, frame.rows), values: counted.values.map(({ value }) => value) }
}

function noteOf({ rule, count, examples }: Finding): string {
  const where = examples.length > 0 && examples[0].row > 0 ? ` (first at row ${examples[0].row})` : ''
  return `${rule}: ${count}${where}`
}
