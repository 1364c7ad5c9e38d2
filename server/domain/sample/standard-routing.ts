/**
 * The sample plant's standard-routing rules as its mapping carries them: what its planners know about gland plates, in the form
 * in which any plant writes its own. Nothing else in the product knows what a gland is.
 */
import type { CodePart, RuleCondition, RuleStep, StandardRoutingRule } from '../../contract/standard-routing'
import type { ItemColumn } from './columns'

const has = (attribute: ItemColumn, matches: string): RuleCondition => ({ attribute, matches })
const unknown = (attribute: ItemColumn): RuleCondition => ({ attribute, known: false })

/** A size class by a diameter in mm. */
const sizeBy = (attribute: ItemColumn, small: number, middle: number): CodePart => ({
  cases: [
    { when: [{ attribute, max: small }], text: '1' },
    { when: [{ attribute, max: middle }], text: '2' },
  ],
  otherwise: '3',
})

/** GROUP1 says the milling after `P11-MS-Gld -`: `T2S1` is a taper, two front faces, one right-angled side. Unclassified: one front face. */
const milling: CodePart[] = [
  {
    cases: [
      { when: [unknown('GROUP1')], text: '' },
      { when: [has('GROUP1', '-T[12]([SA][12])?$')], text: '<' },
    ],
    otherwise: '',
  },
  '-',
  {
    cases: [
      { when: [unknown('GROUP1')], text: '1' },
      { when: [has('GROUP1', '-T?2([SA][12])?$')], text: '2' },
    ],
    otherwise: '1',
  },
  {
    cases: [
      { when: [unknown('GROUP1')], text: '' },
      { when: [has('GROUP1', '-T?[12]S1$')], text: '|1' },
      { when: [has('GROUP1', '-T?[12]S2$')], text: '|2' },
      { when: [has('GROUP1', '-T?[12]A1$')], text: '/1' },
      { when: [has('GROUP1', '-T?[12]A2$')], text: '/2' },
    ],
    otherwise: '',
  },
]

/** A letter that a word of the remark asks for; a blank remark asks for nothing. */
const letter = (text: string, word: string): CodePart => ({
  cases: [
    { when: [unknown('ADDITIONAL_SPEC')], text: '' },
    { when: [has('ADDITIONAL_SPEC', word)], text },
  ],
  otherwise: '',
})
/** Powder-coated plates are listed as Z alone. */
const suffixes: CodePart[] = [
  letter('Z', 'POWDER'),
  letter('P', '^(?!.*POWDER).*PIN'),
  letter('L', '^(?!.*POWDER).*BAFFLE'),
  // 420J2, 410 and 17-4PH are hardened; a plate of unknown material is taken for 316
  {
    cases: [
      { when: [unknown('ITEM_MATERIAL')], text: '' },
      { when: [has('ITEM_MATERIAL', '^M0[0-9]{2}H[ABP]$')], text: 'H' },
    ],
    otherwise: '',
  },
  letter('K', 'KEY'),
  letter('J', 'HVOF'),
  letter('R', 'LAPPED'),
]

const step = (operation: string, code?: string): RuleStep => (code === undefined ? { operation } : { operation, code })
/** A suffix letter stands behind the last digit. */
const suffix = (operation: string, letters: string): RuleStep => step(operation, `[0-9][A-Z]*[${letters}]`)

/** For codes beyond the 300 that the plant lists as pseudo-items: H, K, J and R are seen beside them. */
const steps: RuleStep[] = [
  step('A00-1'),
  step('A05-1', '^RTG-GLAND3'),
  step('A01-2', '^RTG-GLAND[12]'),
  suffix('H01-2', 'H'),
  step('A05-2', '^RTG-GLAND3'),
  step('A02-1', '^RTG-GLAND[12]'),
  step('A03-1', '<'),
  step('B01-1', '-1'),
  step('B01-2', '-2'),
  step('B02-1', '\\|1'),
  step('B02-2', '\\|2'),
  step('B03-1', '/1'),
  step('B03-2', '/2'),
  suffix('B07-1', 'K'),
  suffix('B06-1', 'P'),
  step('F10-1'),
  suffix('J01-1', 'J'),
  suffix('D01-2', 'J'),
  suffix('J02-1', 'Z'),
  suffix('E01-2', 'R'),
  suffix('F62-2', 'P'),
  suffix('F63-2', 'L'),
  step('Q20-2'),
  step('F11-1'),
]

const isGland = has('PART_TYPE', '^11#')

/** Glands by their outside diameter; where nobody measured it, by the seal size, which it is 2.75 times as large as. */
export const sampleStandardRoutings: StandardRoutingRule[] = [
  {
    id: 'STD-001',
    title: { en: 'Gland plate by outside diameter', ko: '글랜드: 외경 기준' },
    when: [isGland],
    code: ['RTG-GLAND', sizeBy('OUTDIAMETER', 210, 300), ...milling, ...suffixes],
    template: true,
    steps,
  },
  {
    id: 'STD-002',
    title: { en: 'Gland plate by seal size', ko: '글랜드: 씰사이즈 기준' },
    when: [isGland],
    code: ['RTG-GLAND', sizeBy('IN_SEALSIZE', 76.36, 109.09), ...milling, ...suffixes],
    template: true,
    steps,
  },
]
