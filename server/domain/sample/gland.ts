/**
 * Standard-routing codes of gland plates: `RTG-GLAND` size `[<]` `-` front `[| or / side]` suffixes. The 300 listed codes are
 * 3 sizes × 2 tapers × 10 milling forms × 5 suffix sets; H, K, J and R are seen beside them.
 */

export interface GlandForm {
  /** 1: OD ≤ 210 mm, 2: ≤ 300 mm, 3: above. */
  size: 1 | 2 | 3
  taper: boolean
  /** Faces milled from the front. */
  front: 1 | 2
  /** Side milling: '' none, '|' right-angled, '/' tilted. */
  side: '' | '|' | '/'
  /** Faces milled from the side; 0 without side milling. */
  sideFaces: 0 | 1 | 2
  powder: boolean
  pin: boolean
  baffle: boolean
  heat: boolean
  key: boolean
  coating: boolean
  lapping: boolean
}

/** Size class of an outside diameter in mm. */
export const glandSize = (outsideMm: number): GlandForm['size'] => (outsideMm <= 210 ? 1 : outsideMm <= 300 ? 2 : 3)

/** The standard-routing code of a form, `RTG-GLAND1<-2/1PL`. */
export function glandCode(form: GlandForm): string {
  const milling = `${form.front}${form.side}${form.sideFaces || ''}`
  const listed = form.powder ? 'Z' : `${form.pin ? 'P' : ''}${form.baffle ? 'L' : ''}`
  const seen = `${form.heat ? 'H' : ''}${form.key ? 'K' : ''}${form.coating ? 'J' : ''}${form.lapping ? 'R' : ''}`
  return `RTG-GLAND${form.size}${form.taper ? '<' : ''}-${milling}${listed}${seen}`
}

const sides = [
  ['', 0],
  ['|', 1],
  ['|', 2],
  ['/', 1],
  ['/', 2],
] as const
const suffixes = ['', 'P', 'Z', 'L', 'PL']

/** The 300 forms that the plant lists, in the order of their codes' parts. */
export function standardGlands(): GlandForm[] {
  const forms: GlandForm[] = []
  for (const size of [1, 2, 3] as const)
    for (const taper of [false, true])
      for (const front of [1, 2] as const)
        for (const [side, sideFaces] of sides)
          for (const suffix of suffixes)
            forms.push({
              size,
              taper,
              front,
              side,
              sideFaces,
              powder: suffix === 'Z',
              pin: suffix.includes('P'),
              baffle: suffix.includes('L'),
              heat: false,
              key: false,
              coating: false,
              lapping: false,
            })
  return forms
}

/** Milling and taper as the classification GROUP1 writes them after `P11-MS-Gld -`: '' for one front face, `T2S1` for `<-2|1`. */
export function formToGroup(form: Pick<GlandForm, 'taper' | 'front' | 'side' | 'sideFaces'>): string {
  if (!form.taper && form.front === 1 && form.side === '') return ''
  const side = form.side === '' ? '' : `${form.side === '|' ? 'S' : 'A'}${form.sideFaces}`
  return `${form.taper ? 'T' : ''}${form.front}${side}`
}

/** Reads GROUP1 back; anything unreadable is the plain form. */
export function groupToForm(group: string): Pick<GlandForm, 'taper' | 'front' | 'side' | 'sideFaces'> {
  const found = /-(T?)([12])(?:([SA])([12]))?$/.exec(group)
  if (!found) return { taper: false, front: 1, side: '', sideFaces: 0 }
  return {
    taper: found[1] === 'T',
    front: found[2] === '2' ? 2 : 1,
    side: found[3] === undefined ? '' : found[3] === 'S' ? '|' : '/',
    sideFaces: found[4] === undefined ? 0 : found[4] === '2' ? 2 : 1,
  }
}
