/** One attribute of the items, parsed once per distinct value (and unit). */
import type { Feature } from '../../contract/mapping'
import { attributeReader, featureName, type ReadAttribute } from '../attribute-parser'
import { cleanText, isNullText } from '../attribute-text'
import type { Column, FeatureColumn } from '../plant'
import { isKnownUnit } from '../units'
import { type Distinct, gathered } from './distinct'
import type { Findings, Rule } from './findings'
import { pairIds } from './pair-ids'
import type { TableView } from './table-view'

/** Reads a feature of the view's rows. Values that cannot be used are found and missing. */
export function featureColumn(view: TableView, feature: Feature, findings: Findings): FeatureColumn {
  const raw = view.distinct(feature.column)
  const unit = feature.kind === 'number' && feature.unitColumn !== undefined ? view.distinct(feature.unitColumn) : null
  const { ids, reads, notes } = readValues(feature, raw, unit)
  if (notes.some((rule) => rule !== null)) {
    for (let row = 0; row < ids.length; row++) {
      const rule = notes[ids[row]!]!
      if (rule !== null) findings.add(rule, feature.column, view.rowNumber(row), shown(raw, unit, row))
    }
  }
  return { name: featureName(feature), feature, column: feature.kind === 'number' ? numbers(ids, reads) : texts(ids, reads) }
}

interface Values {
  /** Per row: id of its value, or of its value and unit. */
  ids: Uint32Array
  /** Per id. */
  reads: (ReadAttribute | null)[]
  notes: (Rule | null)[]
}

function readValues(feature: Feature, raw: Distinct, unit: Distinct | null): Values {
  const read = attributeReader(feature)
  const pairs = unit === null ? null : pairIds(raw.codes, unit.codes)
  const ids = pairs?.ids ?? raw.codes
  const reads: (ReadAttribute | null)[] = new Array(pairs?.count ?? raw.values.length).fill(null)
  const notes: (Rule | null)[] = new Array(reads.length).fill(null)
  const converts = feature.kind === 'number' && unit !== null && feature.unit !== undefined && isKnownUnit(feature.unit)
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!
    if (reads[id] !== null) continue
    const unitValue = unit === null ? null : unit.values[unit.codes[row]!]!
    const result = read(raw.values[raw.codes[row]!]!, { unit: unitValue, lenient: true })
    reads[id] = result
    if (result.problem !== undefined) notes[id] = 'number_invalid'
    else if (result.unmatched) notes[id] = 'pattern_unmatched'
    else if (result.unitUnknown) notes[id] = 'unit_unknown'
    else if (converts && result.value !== null && isNullText(cleanText(unitValue))) notes[id] = 'unit_missing'
  }
  return { ids, reads, notes }
}

function shown(raw: Distinct, unit: Distinct | null, row: number): string {
  const value = cleanText(raw.values[raw.codes[row]!]!)
  return unit === null ? value : `${value} [${cleanText(unit.values[unit.codes[row]!]!)}]`
}

function numbers(ids: Uint32Array, reads: readonly (ReadAttribute | null)[]): Column {
  const byId = Float64Array.from(reads, (read) => (typeof read?.value === 'number' ? read.value : Number.NaN))
  const values = new Float64Array(ids.length)
  for (let row = 0; row < ids.length; row++) values[row] = byId[ids[row]!]!
  return { kind: 'number', values }
}

function texts(ids: Uint32Array, reads: readonly (ReadAttribute | null)[]): Column {
  const dictionary = ['']
  const codeOf = new Map<string, number>()
  const byId = Uint32Array.from(reads, (read) => {
    if (typeof read?.value !== 'string') return 0
    let code = codeOf.get(read.value)
    if (code === undefined) {
      code = dictionary.push(read.value) - 1
      codeOf.set(read.value, code)
    }
    return code
  })
  return { kind: 'text', codes: gathered(byId, ids), dictionary }
}
