/**
 * The sample plant: item i of a seed, the same at any size of the plant. Every 60th item is a pseudo-item with a standard routing,
 * until all are there (18,600 items).
 */
import type { Attributes } from './columns'
import { drawDesign } from './design'
import { drawFamily, type Kind } from './family'
import { sampleShares } from './noise'
import { drawAttributes } from './part'
import { mixUnit, Random } from './random'
import { drawReports, type Report } from './report'
import { drawRoutings, type Routing, standardRouting } from './routing'
import { templateAttributes, templateCount } from './template'
import { type PlanningView, planningView } from './view'

export interface SampleItem {
  index: number
  /** The key as other tables write it; in the item master some keys carry a leading blank. */
  key: string
  attributes: Attributes
  /** Empty for a new item. */
  routings: Routing[]
  reports: Report[]
  view: PlanningView
}

/** Streams of random numbers, one a purpose. */
const streams = { copy: 1, original: 2, design: 3, item: 4, routing: 5, report: 6 }
const templateEvery = 60
const templateFirst = 7
/** Nothing to copy from before this item. */
const firstCopy = 25

const letters: Partial<Record<Kind, string>> = {
  assembly: 'K',
  kit: 'R',
  reservoir: 'S',
  cooler: 'S',
  piping: 'S',
  raw: 'M',
  store: 'C',
  instrument: 'B',
  oring: 'B',
  screw: 'B',
}

/** The item whose attributes item i was registered with: itself, or an earlier one. */
export function originalOf(seed: number, index: number): number {
  let at = index
  while (at >= firstCopy && mixUnit(seed, streams.copy, at) < sampleShares.copies) {
    at = Math.floor(mixUnit(seed, streams.original, at) * at)
  }
  return at
}

/** The number of the pseudo-item at this index, null for ordinary items. */
export function templateAt(index: number): number | null {
  const number = Math.floor(index / templateEvery)
  return index % templateEvery === templateFirst && number < templateCount ? number : null
}

function template(seed: number, index: number, number: number): SampleItem {
  const random = new Random(seed, streams.design, index)
  const attributes = templateAttributes(number, random)
  const view = planningView(attributes) as PlanningView
  return { index, key: String(attributes.ITEM_CD), attributes, routings: [standardRouting(view, random)], reports: [], view }
}

/** Item i of the plant with this seed. */
export function sampleItem(seed: number, index: number): SampleItem {
  const number = templateAt(index)
  if (number !== null) return template(seed, index, number)
  const design = new Random(seed, streams.design, originalOf(seed, index))
  const family = drawFamily(design)
  const attributes = drawAttributes(drawDesign(family, design), design)
  const own = new Random(seed, streams.item, index)
  const key = `${letters[family.kind] ?? 'P'}${String(index + 1).padStart(7, '0')}${attributes.ITEM_SUFFIX ?? ''}`
  attributes.ITEM_CD = own.chance(sampleShares.leadingBlank) ? ` ${key}` : key
  const view = planningView(attributes) as PlanningView
  const routings = own.chance(sampleShares.newItems) ? [] : drawRoutings(view, new Random(seed, streams.routing, index))
  const reports = drawReports(family.kind, routings, new Random(seed, streams.report, index))
  return { index, key, attributes, routings, reports, view }
}
