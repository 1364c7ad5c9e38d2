/**
 * Columns on disk as Arrow IPC files. Writing takes typed arrays and dictionaries as they are; reading maps the file and
 * hands out views of it: numbers without a copy, texts decoded one by one when asked for.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import {
  type Data,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Table,
  tableFromIPC,
  tableToIPC,
  Uint8,
  Uint32,
  Utf8,
  Vector,
} from 'apache-arrow'
import { DomainError } from '../domain/error'
import type { TextColumn } from '../domain/plant'
import type { Utf8Texts } from '../domain/utf8-texts'

export type ArrowColumn = Uint32Array | Int32Array | Uint8Array | Float32Array | Float64Array | { utf8: string[] } | TextColumn
type NumberArray = Uint32Array | Int32Array | Uint8Array | Float32Array | Float64Array

/** Dictionaries up to so many entries stay decoded: categories, not what each item has of its own. */
const keptTextsMax = 16_384

/** A dictionary-coded text column, decoded on demand. Code 0 is missing. */
export interface ArrowText {
  codes: Uint32Array
  /** Entries of the dictionary, the missing one included. */
  size: number
  value(code: number): string
}

export interface ArrowFile {
  rows: number
  names: string[]
  numbers<T extends NumberArray>(name: string): T
  strings(name: string): (row: number) => string
  /** The same texts as they lie in the file. */
  utf8(name: string): Utf8Texts
  text(name: string): ArrowText
}

function utf8Data(values: string[]): Data<Utf8> {
  const joined = new TextEncoder().encode(values.join(''))
  const valueOffsets = new Int32Array(values.length + 1)
  let end = 0
  values.forEach((value, index) => {
    end += Buffer.byteLength(value)
    valueOffsets[index + 1] = end
  })
  return makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data: joined })
}

function numberType(values: NumberArray) {
  if (values instanceof Uint32Array) return new Uint32()
  if (values instanceof Int32Array) return new Int32()
  if (values instanceof Uint8Array) return new Uint8()
  return values instanceof Float32Array ? new Float32() : new Float64()
}

function columnData(column: ArrowColumn, index: number): Data {
  if (ArrayBuffer.isView(column)) {
    return makeData({ type: numberType(column), length: column.length, nullCount: 0, data: column } as never)
  }
  if ('utf8' in column) return utf8Data(column.utf8)
  // an id of its own: the library's counter would make equal columns differ from one file to the next
  const type = new Dictionary(new Utf8(), new Uint32(), index)
  const dictionary = new Vector([utf8Data(column.dictionary)])
  return makeData({ type, length: column.codes.length, nullCount: 0, data: column.codes, dictionary })
}

/** Writes columns of equal length and flushes them to the disk. */
export function writeArrow(path: string, columns: Record<string, ArrowColumn>): void {
  const children = Object.values(columns).map(columnData)
  const schema = new Schema(Object.keys(columns).map((name, index) => new Field(name, children[index].type, false)))
  const length = children[0]?.length ?? 0
  const batch = new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }))
  const bytes = tableToIPC(new Table([batch]), 'file')
  const file = openSync(path, 'wx')
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Maps a file written by `writeArrow`. Its hash must have been checked before: Arrow trusts what it reads. */
export function readArrow(path: string): ArrowFile {
  let table: Table
  try {
    table = tableFromIPC(Bun.mmap(path))
  } catch (cause) {
    throw new DomainError('artifact_corrupt', 'a column file of the version cannot be read', {
      details: [{ path: path.slice(path.lastIndexOf('/') + 1), message: 'not an Arrow file' }],
      cause,
    })
  }
  const data = (name: string): Data => {
    const column = table.getChild(name)
    if (column === null) {
      throw new DomainError('artifact_mismatch', 'a column is missing from a file of the version', {
        details: [{ path: path.slice(path.lastIndexOf('/') + 1), message: `no column ${name}` }],
      })
    }
    return column.data[0]
  }
  return {
    rows: table.numRows,
    names: table.schema.names.map(String),
    // buffers are padded to eight bytes: the view ends with the rows
    numbers: <T extends NumberArray>(name: string) =>
      (table.numRows === 0 ? emptyOf(data(name)) : data(name).values.subarray(0, table.numRows)) as T,
    strings: (name) => utf8Reader(data(name)),
    utf8: (name) => {
      const { values: bytes, valueOffsets: offsets } = data(name)
      return { bytes, offsets }
    },
    text: (name) => {
      const column = data(name)
      const dictionary = column.dictionary as Vector<Utf8>
      const decode = utf8Reader(dictionary.data[0])
      const value = dictionary.length > keptTextsMax ? decode : keepTexts(decode)
      return {
        codes: (column.values as Uint32Array).subarray(0, table.numRows),
        size: dictionary.length,
        value: (code) => (code === 0 ? '' : value(code)),
      }
    },
  }
}

/** Each text is decoded once; how many there are is bounded by the caller. */
function keepTexts(decode: (code: number) => string): (code: number) => string {
  const kept: string[] = []
  return (code) => {
    kept[code] ??= decode(code)
    return kept[code]
  }
}

/** The texts of a column without missing ones: what the library's own reader does for any column, at a fifth of its time. */
function utf8Reader({ valueOffsets, values }: Data): (row: number) => string {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength)
  return (row) => bytes.toString('utf8', valueOffsets[row], valueOffsets[row + 1])
}

function emptyOf(column: Data): NumberArray {
  return new (column.type.ArrayType as Uint32ArrayConstructor)(0)
}
