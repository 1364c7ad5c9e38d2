/**
 * The planning rules: visible attributes → operation codes in order. Nothing is drawn here, so a routing without a planner's slip
 * is exactly what these rules say (noise.ts names the slips).
 */
import type { Kind } from './family'
import { type GlandForm, glandCode, glandSize, groupToForm } from './gland'
import type { MaterialClass } from './material'
import type { PlanningView } from './view'

type Rule = (view: PlanningView) => string[]
const when = (condition: boolean, ...codes: string[]): string[] => (condition ? codes : [])

const hard: ReadonlySet<MaterialClass> = new Set(['sic', 'tungsten', 'ceramic'])
const has = (view: PlanningView, word: string): boolean => view.additional.includes(word)

/** The form of a gland by its visible attributes. */
export function glandFormOf(view: PlanningView): GlandForm {
  return {
    ...groupToForm(view.group1),
    size: glandSize(view.sizeMm),
    powder: has(view, 'POWDER'),
    pin: has(view, 'PIN'),
    baffle: has(view, 'BAFFLE'),
    heat: view.material.class === 'martensitic',
    key: has(view, 'KEY'),
    coating: has(view, 'HVOF'),
    lapping: has(view, 'LAPPED'),
  }
}

/** The standard-routing code of an item, null for all but glands. */
export const standardRoutingOf = (view: PlanningView): string | null => (view.family.kind === 'gland' ? glandCode(glandFormOf(view)) : null)

/** Steps of a gland plate, in the order of its standard-routing code. */
export function glandSteps(form: GlandForm): string[] {
  const side = form.side === '|' ? `B02-${form.sideFaces}` : `B03-${form.sideFaces}`
  return [
    'A00-1',
    form.size === 3 ? 'A05-1' : 'A01-2',
    ...when(form.heat, 'H01-2'),
    form.size === 3 ? 'A05-2' : 'A02-1',
    ...when(form.taper, 'A03-1'),
    `B01-${form.front}`,
    ...when(form.side !== '', side),
    ...when(form.key, 'B07-1'),
    ...when(form.pin, 'B06-1'),
    'F10-1',
    ...when(form.coating, 'J01-1', 'D01-2'),
    ...when(form.powder, 'J02-1'),
    ...when(form.lapping, 'E01-2'),
    ...when(form.pin, 'F62-2'),
    ...when(form.baffle, 'F63-2'),
    'Q20-2',
    'F11-1',
  ]
}

/** Rough and finish turning by size and material; small parts of plain steel run through in one machine. */
function turning(view: PlanningView, finishing = 1): string[] {
  const { sizeMm, material } = view
  if (sizeMm > 300) return ['A00-1', 'A05-1', 'A05-2']
  if (sizeMm <= 70 && material.class === 'austenitic') return ['C10-1', 'C10-2', ...when(finishing > 1, 'C10-3')]
  const tough = material.class === 'nickel' || material.class === 'titanium' || material.class === 'duplex'
  return ['A00-1', 'A01-2', ...when(tough && sizeMm > 90, 'A01-3'), 'A02-1', ...when(finishing > 1, 'A02-2')]
}

/** Heat treatment after roughing: hardening, solution or ageing by material. */
const heat = ({ material, sizeMm }: PlanningView): string[] => [
  ...when(material.class === 'martensitic', 'H01-2'),
  ...when(material.class === 'duplex' && sizeMm > 90, 'H01-1'),
  ...when(material.class === 'nickel' && material.text === 'INCONEL 718', 'H02-1'),
]

const finish = (view: PlanningView): string[] => [
  'F10-1',
  ...when(view.material.class === 'duplex' || view.material.class === 'nickel', 'Q40-1'),
  'Q20-2',
]
const lapping = (view: PlanningView): string[] => [
  'E01-1',
  ...when(hard.has(view.material.class) || view.sizeMm > 90, 'E01-2'),
  'E02-1',
  'Q21-1',
]

function turned(view: PlanningView, ...special: string[]): string[] {
  return [...turning(view), ...heat(view), ...special, ...finish(view)]
}

function assembly(view: PlanningView): string[] {
  const { seal } = view
  return [
    ...when(view.suffix === 'R', 'F05-1', 'F11-1', 'Q15-1'),
    ...when(has(view, 'API682'), 'Q40-1'),
    ...when(seal?.bellows === true, 'F61-3'),
    ...when(view.dual, 'F61-2'),
    'F61-1',
    ...when(seal?.cartridge !== false, 'F40-1'),
    ...when(seal?.gas === true, 'F42-1'),
    has(view, 'WITNESSED') ? 'Q30-2' : 'Q30-1',
    ...when(view.suffix === 'N', 'F12-1'),
    view.sealMm > 125 ? 'F21-1' : 'F20-3',
  ]
}

function face(view: PlanningView): string[] {
  const groove = when(has(view, 'GROOVE'), 'E05-1')
  if (view.material.class === 'carbon') {
    return [
      ...when(view.sizeMm > 160, 'Q10-1'),
      'A06-1',
      ...when(has(view, 'Antimony'), 'Q20-1'),
      ...when(view.family.kind === 'insert', 'D01-1'),
      ...lapping(view),
      'F11-1',
    ]
  }
  if (hard.has(view.material.class)) {
    const slot = when(has(view, 'SLOT') || (view.family.kind === 'rotating' && view.seal?.cartridge === true), 'E03-1')
    return [
      'Q10-1',
      'D02-1',
      'D01-1',
      ...when(view.sizeMm > 70, 'D01-2'),
      ...when(has(view, 'INSERT'), 'K01-1'),
      ...slot,
      ...groove,
      ...lapping(view),
      'F11-1',
    ]
  }
  return [...turning(view), ...heat(view), ...when(has(view, 'INSERT'), 'K01-1'), ...groove, ...lapping(view), 'F11-1']
}

function sleeve(view: PlanningView): string[] {
  const rough = turning(view, 2)
  const coated = has(view, 'HVOF') || has(view, 'CR PLATING')
  return [
    ...rough.slice(0, 2),
    ...when(has(view, 'STELLITE'), 'J04-1'),
    ...rough.slice(2),
    ...heat(view),
    ...when(has(view, 'KEYWAY'), 'B07-1'),
    ...when(view.family.partType === '1#2', 'B08-1'),
    'B05-1',
    ...when(has(view, 'HVOF'), 'J01-1'),
    ...when(has(view, 'CR PLATING'), 'J01-2'),
    ...when(coated || view.sizeMm > 120, 'D01-1'),
    ...finish(view),
  ]
}

function reservoir(view: PlanningView): string[] {
  const gallons = Number(/-(\d+)gal/.exec(view.spec)?.[1] ?? 2)
  return [
    'A00-1',
    'K03-1',
    'K02-1',
    'G01-1',
    ...when(view.spec.includes('(01'), 'K07-1', 'G02-1'),
    'Q22-1',
    ...when(gallons >= 5 && view.spec.includes('316L'), 'Q23-1'),
    'F41-1',
    view.material.class === 'steel' ? 'J02-1' : 'G04-1',
    'F61-4',
    ...when(gallons >= 8, 'Q30-2'),
    'F20-3',
  ]
}

const bellowsKinds = (view: PlanningView): string[] => [
  'Q10-1',
  'K04-1',
  'G03-1',
  'G03-2',
  ...when(view.material.class === 'nickel', 'H02-1'),
  ...when(view.family.partType === '9#3', 'G01-1', 'K01-1', ...lapping(view)),
  'F40-1',
  'Q20-2',
  'F11-1',
]

/** One rule a kind. */
export const planningRules = {
  assembly,
  kit: (view) => [
    'F30-1',
    ...when(view.dual, 'F61-2'),
    ...when(view.suffix !== 'KIT' || has(view, 'FACE SET'), 'Q10-2'),
    view.sealMm > 125 ? 'F21-1' : 'F20-2',
  ],
  reservoir,
  gland: (view) => glandSteps(glandFormOf(view)),
  sleeve,
  stationary: face,
  rotating: face,
  insert: face,
  oring: (view) => [...when(view.material.class === 'rubber' && view.sizeMm > 110, 'K06-1'), 'Q10-1', 'F20-1'],
  gasket: (view) =>
    view.material.text === 'SPIRAL WOUND' ? ['Q10-1', 'F20-1'] : [view.sizeMm > 150 ? 'A07-1' : 'K04-1', 'Q20-2', 'F20-1'],
  spring: (view) => [
    ...when(view.family.partType === '5#3', 'K04-1'),
    'K05-1',
    ...when(view.material.class === 'nickel', 'H02-1'),
    'D02-1',
    'Q20-2',
    'F20-1',
  ],
  pin: (view) => ['A00-1', ...when(view.material.class === 'nickel', 'A07-1'), 'D03-1', 'Q20-2', 'F20-1'],
  screw: () => ['Q10-1', 'F20-1'],
  collar: (view) => turned(view, 'B05-1', ...when(has(view, 'KEYWAY'), 'B07-1')),
  retainer: (view) =>
    turned(view, ...when(has(view, 'SLOT'), 'B08-1'), 'B05-1', ...when(view.family.partType === '10#2', 'G01-1', 'Q22-1')),
  ring: (view) => turned(view, ...when(view.family.partType === '18', 'B08-1')),
  bush: (view) => [...(view.material.class === 'carbon' ? ['A06-1'] : turning(view)), ...when(view.sizeMm > 80, 'D01-2'), 'Q20-2', 'F20-1'],
  shaft: (view) => ['A00-1', 'A01-2', ...heat(view), 'A02-1', ...when(has(view, 'KEYWAY'), 'B07-1'), 'D01-1', ...finish(view)],
  bellows: bellowsKinds,
  housing: (view) => turned(view, view.sizeMm > 180 ? 'B01-2' : 'B01-1', ...when(has(view, 'SLOT'), 'B08-1'), 'B05-1'),
  plate: (view) => [view.sizeMm > 40 ? 'B01-1' : 'K04-1', 'F10-1', 'Q20-2', 'F20-1'],
  piping: (view) => ['A00-1', 'K07-1', 'G01-1', 'Q22-1', 'F41-1', view.material.class === 'steel' ? 'J02-1' : 'G04-1', 'F20-1'],
  cooler: (view) => [
    'A00-1',
    'K07-1',
    'G02-1',
    'G01-1',
    'Q22-1',
    'F41-1',
    view.material.class === 'steel' ? 'J02-1' : 'G04-1',
    'Q30-2',
    'F20-3',
  ],
  instrument: () => ['Q10-1', 'F20-1'],
  raw: (view) => ['Q10-1', ...when(view.material.class !== 'steel', 'Q40-1')],
  store: () => ['Q10-2', 'F20-1'],
} as const satisfies Record<Kind, Rule>

/** Operation codes of an item, by the rules alone. */
export const plan = (view: PlanningView): string[] => planningRules[view.family.kind](view)
