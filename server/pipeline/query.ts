/** From a request to a query: attributes parsed by the active mapping, the item's row, the vector and what to warn about. */
import type { Static } from '@sinclair/typebox'
import { limits } from '../contract/limits'
import type { Feature } from '../contract/mapping'
import type { Attributes, AttributeValue, Warning } from '../contract/predict'
import { type ParsedAttribute, parseAttribute } from '../domain/attribute-parser'
import type { AttributeInput } from '../domain/encoder/block'
import { encodeRecord } from '../domain/encoder/encoder'
import { DomainError } from '../domain/error'
import { hasTellingVocabulary } from '../domain/marginals'
import type { Model } from './model'

export interface Query {
  key: string | null
  /** Row of the item that the query is about, or −1 when the version does not know it. */
  row: number
  /** Attribute name → parsed value. */
  values: Map<string, AttributeInput>
  /** Unit vector, or null when no attribute has a value. */
  vector: Float32Array | null
  warnings: Warning[]
}

type Value = Static<typeof AttributeValue>

/**
 * @param lenient numbers may be texts and unknown names are warned about instead of refused (files); otherwise strict (API)
 * @throws unknown_item, unknown_attribute, invalid_value, bad_request
 */
export function resolveQuery(model: Model, request: { item?: string; attributes?: Attributes }, { lenient = false } = {}): Query {
  const { knowledge } = model
  const key = request.item?.trim() ?? null
  const row = key === null ? -1 : knowledge.items.find(key)
  if (request.attributes === undefined && key === null) throw new DomainError('bad_request', 'give an item or its attributes')
  if (row < 0 && request.attributes === undefined) {
    throw new DomainError('unknown_item', 'the active version does not know this item', {
      details: [{ path: '/item', message: 'unknown item' }],
    })
  }
  const values = new Map<string, AttributeInput>()
  if (row >= 0) for (const { name, value } of knowledge.items.features) values.set(name, value(row))
  const warnings: Warning[] = []
  if (request.attributes !== undefined) readAttributes(model, request.attributes, lenient, values, warnings)
  for (const [name, value] of values) if (value !== null) warnUnusual(model, name, value, warnings)
  return { key, row, values, vector: encodeRecord(model.encoder, values), warnings: warnings.slice(0, 100) }
}

function readAttributes(
  model: Model,
  attributes: Attributes,
  lenient: boolean,
  values: Map<string, AttributeInput>,
  warnings: Warning[],
): void {
  const given = new Map<string, Value>(Object.entries(attributes))
  const used = new Set<string>()
  const take = (...names: (string | undefined)[]): Value | undefined => {
    for (const name of names) {
      if (name === undefined || !given.has(name)) continue
      used.add(name)
      return given.get(name)
    }
    return undefined
  }
  for (const { name, feature } of model.knowledge.items.features) {
    const raw = take(name, feature.column)
    const unit = feature.kind === 'number' ? take(feature.unitColumn) : undefined
    if (raw === undefined) continue
    const parsed = parseLenient(feature, raw, unit, lenient)
    if (parsed === null) {
      warnings.push({ code: 'attribute_ignored', attribute: name, message: 'the value cannot be read as this attribute; it is left out' })
      continue
    }
    values.set(name, parsed.value)
    if (parsed.unitUnknown)
      warnings.push({ code: 'unit_unknown', attribute: name, message: 'the unit beside the value is not known; the value is left out' })
  }
  const ignored = [...given.keys()].filter((name) => !used.has(name))
  // units of numbers that were not given are no mistake
  const units = new Set(model.mapping.features.map((feature) => (feature.kind === 'number' ? feature.unitColumn : undefined)))
  const unknown = ignored.filter((name) => !units.has(name))
  if (unknown.length === 0) return
  if (!lenient) {
    throw new DomainError('unknown_attribute', 'the active mapping has no such attribute', {
      details: unknown.slice(0, 50).map((name) => ({ path: `/attributes/${printable(name)}`, message: 'unknown attribute' })),
    })
  }
  for (const name of unknown)
    warnings.push({ code: 'attribute_ignored', attribute: printable(name), message: 'the active mapping has no such attribute' })
}

/** In a file one bad cell is no reason to refuse a row: null, and the caller warns. */
function parseLenient(feature: Feature, raw: Value, unit: Value | undefined, lenient: boolean): ParsedAttribute | null {
  try {
    return parseAttribute(feature, raw, { unit, lenient })
  } catch (error) {
    if (lenient && error instanceof DomainError && error.code === 'invalid_value') return null
    throw error
  }
}

/** Names come from the client: bounded and without control characters. */
const printable = (name: string): string => name.replace(/[^\p{L}\p{N} _.:#/-]/gu, '?').slice(0, limits.nameCharactersMax)

function warnUnusual(model: Model, name: string, value: string | number, warnings: Warning[]): void {
  const index = model.encoder.blockOf.get(name)
  if (index === undefined) return
  const block = model.encoder.model.blocks[index]
  if (block.kind === 'number') {
    if (typeof value === 'number' && (value < block.min || value > block.max)) {
      warnings.push({
        code: 'out_of_range',
        attribute: name,
        message: `outside of what was seen in training (${block.min} to ${block.max})`,
      })
    }
    return
  }
  if (block.kind !== 'category' || block.own.includes(String(value))) return
  const vocabulary = vocabularyOf(model, name)
  if (vocabulary !== null && !vocabulary.has(String(value)))
    warnings.push({ code: 'unseen_value', attribute: name, message: 'not seen in training' })
}

/** Values of a category seen in training; decoded once a model, on first need. */
function vocabularyOf(model: Model, name: string): Set<string> | null {
  let vocabulary = model.vocabularies.get(name)
  if (vocabulary === undefined) {
    const text = model.knowledge.items.features.find((feature) => feature.name === name)!.text!
    const telling = hasTellingVocabulary(text.size, model.knowledge.items.count)
    vocabulary = telling ? new Set(Array.from({ length: text.size }, (_, code) => text.value(code))) : null
    model.vocabularies.set(name, vocabulary)
  }
  return vocabulary
}
