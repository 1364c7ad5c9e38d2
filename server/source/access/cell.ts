/** Cells of Access as the source shows them: dates ISO 8601, decimals as strings, binary as base64, attachments as JSON. */
import type { Value } from 'mdb-reader'
import { isoOfUtc, isoText } from '../date'
import type { Cell } from '../source'

type Attachment = { name: string; type: string; data: Uint8Array }

/** How values of an Access column type become cells. */
export function cellReader(accessType: string): (value: Value) => Cell {
  const read = readers[accessType] ?? ((value) => value as Cell)
  return (value) => (value === null || value === undefined ? null : read(value))
}

const readers: Record<string, (value: NonNullable<Value>) => Cell> = {
  datetime: (value) => isoOfUtc(value as Date),
  // '2019.03.01 07:30:00.123456700'
  datetimextended: (value) => isoText((value as string).replace('.', '-').replace('.', '-')),
  float: (value) => shortestFloat(value as number),
  bigint: (value) => {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : String(value)
  },
  binary: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  ole: (value) => Buffer.from(value as Uint8Array).toString('base64'),
  complex: (value) =>
    JSON.stringify(
      (value as unknown as Attachment[]).map(({ name, type, data }) => ({ name, type, data: Buffer.from(data).toString('base64') })),
    ),
}

/** The shortest decimal that is this 32-bit number: 41.3 and not 41.29999923706055. */
export function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}
