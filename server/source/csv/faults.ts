/** Malformed records of a text table: counted and shown by example, never silently dropped. */
import type { Finding } from '../../domain/plant'
import type { Block, RecordFault } from './blocks'

const examplesMax = 20
const exampleCharactersMax = 200

interface Fault {
  count: number
  examples: { row: number; value: string }[]
}
export interface CsvFaults {
  blank: number
  short: Fault
  long: Fault
  strayQuotes: number
}

export function noFaults(): CsvFaults {
  return { blank: 0, short: { count: 0, examples: [] }, long: { count: 0, examples: [] }, strayQuotes: 0 }
}

/** Counts a record's fault; the first 20 keep their text. */
export function addFault(
  faults: CsvFaults,
  kind: Exclude<RecordFault, null>,
  block: Block,
  record: number,
  decode: (bytes: Uint8Array) => string,
) {
  if (kind === 'blank') {
    faults.blank++
    return
  }
  const fault = faults[kind]
  fault.count++
  if (fault.examples.length >= examplesMax) return
  const fields: string[] = []
  for (let field = block.records[record]; field < block.records[record + 1]; field++) {
    fields.push(decode(block.bytes.subarray(block.starts[field], block.ends[field])))
  }
  fault.examples.push({ row: block.firstRecord + record, value: fields.join(' | ').slice(0, exampleCharactersMax) })
}

/** The faults as findings: bad ones are left out of the frame, notes are in it (or are nothing to read). */
export function csvFindings(table: string, faults: CsvFaults, renamed: number): Finding[] {
  const findings: Finding[] = []
  const add = (rule: string, severity: 'bad' | 'note', count: number, examples: Finding['examples'] = []) => {
    if (count > 0) findings.push({ rule, severity, table, column: null, count, examples })
  }
  add('row has fewer fields than the header', 'bad', faults.short.count, faults.short.examples)
  add('row has more fields than the header', 'bad', faults.long.count, faults.long.examples)
  add('blank line', 'note', faults.blank)
  add('quote taken for text, because nothing closes it before a delimiter', 'note', faults.strayQuotes)
  add('column name blank or repeated in the header, renamed', 'note', renamed)
  return findings
}
