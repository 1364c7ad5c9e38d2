/** Seal types of the sample plant: codes with their frequencies, and what a code says about the seal. */
import { chooser, textHash } from './random'

export interface SealType {
  code: string
  /** Outer arrangement beside the inner one. */
  dual: boolean
  /** Delivered as a cartridge and therefore leak-tested. */
  cartridge: boolean
  bellows: boolean
  gas: boolean
  /** Letters of the family in GROUP1. */
  letters: string
}

const listed: [code: string, weight: number, flags: string, letters: string][] = [
  ['1002012', 12, 'dc', 'QBQ'],
  ['1057', 4.9, 'c', 'QBS'],
  ['1044', 3.8, 'c', 'HSH'],
  ['X31', 3, '', 'X31'],
  ['101', 2, '', 'S01'],
  ['462', 1.9, 'cb', 'BXH'],
  ['662', 1.4, 'cb', 'BXR'],
  ['1004570', 1.2, 'dc', 'QBB'],
  ['1002005', 1.1, 'dcg', 'GX2'],
  ['1016', 1, 'c', 'UHT'],
  ['502', 0.9, '', 'PAC'],
  ['1080', 0.8, 'cg', 'GF2'],
]

const letterOf = (value: number): string => String.fromCharCode(65 + (value % 26))
function tailType(rank: number): [string, number, string, string] {
  const code = rank % 3 === 0 ? `100${2100 + rank * 3}` : rank % 3 === 1 ? `${1100 + rank}` : `X${40 + rank}`
  const hash = textHash(code)
  const flags = `${hash % 5 === 0 ? 'd' : ''}${hash % 7 < 5 ? 'c' : ''}${(hash >>> 4) % 6 === 0 ? 'b' : ''}${(hash >>> 8) % 15 === 0 ? 'g' : ''}`
  return [code, 15 / (rank + 12), flags, letterOf(hash >>> 3) + letterOf(hash >>> 9) + letterOf(hash >>> 15)]
}
const all = [...listed, ...Array.from({ length: 860 }, (_, rank) => tailType(rank))]

const types = all.map(
  ([code, , flags, letters]): SealType => ({
    code,
    dual: flags.includes('d'),
    cartridge: flags.includes('c'),
    bellows: flags.includes('b'),
    gas: flags.includes('g'),
    letters,
  }),
)
const byCode = new Map(types.map((type) => [type.code, type]))

/** The seal type of a code, undefined for '' and codes that no seal has. */
export const sealTypeOf = (code: string): SealType | undefined => byCode.get(code)
export const drawSealType = chooser(types.map((type, i) => [type, all[i][1]] as const))
