/** Everything a routing row says about its step, in the order of the groups. */
import type { RowRoutings, TimeColumn } from '../../contract/mapping'
import { cleanText } from '../attribute-text'
import type { Steps, TextColumn } from '../plant'
import { constantColumn, textColumnOf } from './distinct'
import type { Findings } from './findings'
import { amountsOf, minutesColumn } from './minutes'
import { mostFrequentValue } from './pair-ids'
import type { RowGroups } from './row-groups'
import { selectedView, type TableView } from './table-view'

const UNKNOWN = 255

/** Steps as the rows have them, one per sorted row. */
export function stepColumns(all: TableView, spec: RowRoutings, groups: RowGroups, findings: Findings): Steps {
  const view = selectedView(all, groups.viewRows)
  const { operation, resource } = groups
  const text = (ref: string | undefined) => (ref === undefined ? null : textColumnOf(view.distinct(ref)))
  const minutes = (time: TimeColumn | undefined) => (time === undefined ? missing(view.count) : minutesColumn(view, time, findings))
  return {
    count: view.count,
    sequence: groups.sequences,
    operation,
    operationNames: namesOf(operation, text(spec.operationName)),
    operationGroups: namesOf(operation, text(spec.processGroup)),
    resource,
    resourceNames: namesOf(resource, text(spec.resourceName)),
    resourceWorkCentres: namesOf(resource, text(spec.workCentre)),
    inside: insideFlags(view, spec.inside),
    batch: batchFlags(view, spec.batch),
    partner: text(spec.partner) ?? constantColumn('', view.count),
    leadTimeDays: spec.leadTimeDays === undefined ? missing(view.count) : amountsOf(view, spec.leadTimeDays, findings),
    setup: minutes(spec.setup),
    run: minutes(spec.run),
    queue: minutes(spec.queue),
    wait: minutes(spec.wait),
    move: minutes(spec.move),
    actualSetup: minutes(spec.actualSetup),
    actualRun: minutes(spec.actualRun),
  }
}

function missing(count: number): Float64Array {
  return new Float64Array(count).fill(Number.NaN)
}

/** Per code of `keys`: the name most often beside it, '' without. */
function namesOf(keys: TextColumn, names: TextColumn | null): string[] {
  if (names === null) return keys.dictionary.map(() => '')
  const best = mostFrequentValue(keys.codes, names.codes, keys.dictionary.length)
  return keys.dictionary.map((_, code) => (code === 0 ? '' : names.dictionary[best[code]!]!))
}

function insideFlags(view: TableView, spec: RowRoutings['inside']): Uint8Array {
  return spec === undefined ? unknown(view.count) : flagsOf(view, spec.column, spec.inside, UNKNOWN)
}

/** An ERP marks the batch steps and leaves the others blank. */
function batchFlags(view: TableView, spec: RowRoutings['batch']): Uint8Array {
  return spec === undefined ? unknown(view.count) : flagsOf(view, spec.column, spec.batch, 0)
}

const unknown = (count: number): Uint8Array => new Uint8Array(count).fill(UNKNOWN)

/** 1 where the column has one of the texts, 0 where another, `blank` where none. */
function flagsOf(view: TableView, column: string, texts: readonly string[], blank: number): Uint8Array {
  const wanted = new Set(texts.map(cleanText))
  const { codes, dictionary } = textColumnOf(view.distinct(column))
  const byCode = Uint8Array.from(dictionary, (text, code) => (wanted.has(text) ? 1 : code === 0 ? blank : 0))
  return Uint8Array.from(codes, (code) => byCode[code]!)
}
