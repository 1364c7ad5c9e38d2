/**
 * The one way from a raw value to an attribute's value, for the cells of a plant's tables and for a request alike: a value
 * that is encoded at training and asked for later must come out the same.
 */
import type { Static } from '@sinclair/typebox'
import type { Feature, NumberFeature } from '../contract/mapping'
import type { AttributeValue as AttributeValueSchema } from '../contract/predict'
import { cleanText, isNullText } from './attribute-text'
import { DomainError } from './error'
import { parseNumberText } from './number-text'
import { isKnownUnit, unitFactor } from './units'

export type AttributeValue = Static<typeof AttributeValueSchema>

export interface ParsedAttribute {
  /** Number in the feature's unit, or clean text; null when missing or unknown. */
  value: string | number | null
  /** The unit beside the value is not blank and not known: the value is missing. */
  unitUnknown?: true
}
export interface ParseOptions {
  /** What stands in the feature's unit column. Blank: the value is in the feature's unit already. */
  unit?: AttributeValue
  /** Files and command lines: numbers may be text. Otherwise (API) a number must be a JSON number. */
  lenient: boolean
}
export type AttributeParser = (raw: AttributeValue, options: ParseOptions) => ParsedAttribute

/** As `ParsedAttribute`; what is wrong is said instead of thrown, for a column of a hundred thousand distinct values. */
export interface ReadAttribute extends ParsedAttribute {
  /** The value cannot be used, for this reason. */
  problem?: string
  /** A text in a file that the feature's pattern does not match. */
  unmatched?: true
}
export type AttributeReader = (raw: AttributeValue, options: ParseOptions) => ReadAttribute

/** The attribute's name in requests and answers: `name`, else the column's own name without its table's alias. */
export function featureName(feature: Feature): string {
  return feature.name ?? feature.column.slice(feature.column.lastIndexOf('.') + 1)
}

/** One feature's reader, compiled once. Throws `mapping_invalid` for a pattern that is no regular expression. */
export function attributeReader(feature: Feature): AttributeReader {
  const match = patternOf(feature)
  return feature.kind === 'number' ? numberReader(feature, match) : textReader(feature, match)
}

/**
 * One feature's parser, compiled once. Throws `mapping_invalid` for a pattern that is no regular expression; the parser
 * throws `invalid_value`, whose details name the attribute and never repeat the value.
 */
export function attributeParser(feature: Feature): AttributeParser {
  const read = attributeReader(feature)
  return (raw, options) => {
    const { value, problem, unitUnknown } = read(raw, options)
    if (problem !== undefined) {
      throw new DomainError('invalid_value', 'An attribute has a value that cannot be used', {
        details: [{ path: featureName(feature), message: problem }],
      })
    }
    return unitUnknown ? { value, unitUnknown } : { value }
  }
}

/** Parses one value; for many values of one feature compile `attributeParser` once. Throws `invalid_value`. */
export function parseAttribute(feature: Feature, raw: AttributeValue, options: ParseOptions): ParsedAttribute {
  return attributeParser(feature)(raw, options)
}

const missing: ReadAttribute = { value: null }
const unusable = (problem: string): ReadAttribute => ({ value: null, problem })

function textReader(feature: Feature, match: (text: string) => string | null): AttributeReader {
  const unknown = new Set((feature.unknown ?? []).map(cleanText))
  return (raw, { lenient }) => {
    if (typeof raw === 'number' && !Number.isFinite(raw)) return unusable('must be finite')
    const text = cleanText(raw)
    if (isNullText(text) || unknown.has(text)) return missing
    // A form offers the values as they came out of the pattern: outside of files they stand for themselves.
    const value = match(text) ?? (lenient ? null : text)
    if (value === null) return { value, unmatched: true }
    return value === '' || unknown.has(value) ? missing : { value }
  }
}

function numberReader(feature: NumberFeature, match: (text: string) => string | null): AttributeReader {
  const unknownTexts = new Set((feature.unknown ?? []).map(cleanText))
  const unknownNumbers = new Set([...unknownTexts].map(parseNumberText).filter((number) => !Number.isNaN(number)))
  return (raw, { unit = null, lenient }) => {
    if (typeof raw === 'number') {
      if (!Number.isFinite(raw)) return unusable('must be finite')
      // + 0: minus zero is zero
      return unknownNumbers.has(raw) ? missing : converted(feature, raw + 0, cleanText(unit))
    }
    if (typeof raw === 'boolean') return unusable('must be a number')
    const text = cleanText(raw)
    if (text === '' || unknownTexts.has(text) || (lenient && isNullText(text))) return missing
    if (!lenient && feature.pattern === undefined) return unusable('must be a number')
    const found = match(text)
    if (found === null) return lenient ? { value: null, unmatched: true } : unusable('must contain a number')
    const { number, ownUnit } = numberWithUnit(found)
    if (Number.isNaN(number)) return unusable('must be a number')
    return unknownNumbers.has(number) ? missing : converted(feature, number, ownUnit ?? cleanText(unit))
  }
}

function converted(feature: NumberFeature, number: number, unit: string): ReadAttribute {
  if (feature.unit === undefined || isNullText(unit)) return { value: number }
  const factor = unitFactor(unit, feature.unit)
  if (factor === null) return { value: null, unitUnknown: true }
  // Twelve digits: 3.5 inch and 88.9 mm are the same size, and 3.5 × 25.4 is 88.89999999999999.
  const value = factor === 1 ? number : Number((number * factor).toPrecision(12))
  return Number.isFinite(value) ? { value } : unusable('must be finite')
}

/** `92.9`, `92.9 mm`, `3.5"`: a unit inside the cell is nearer to the value than a unit column. */
function numberWithUnit(text: string): { number: number; ownUnit: string | null } {
  const number = parseNumberText(text)
  if (!Number.isNaN(number)) return { number, ownUnit: null }
  const parts = /^([+\-\d.,]+)\s*([^\d\s].*)$/.exec(text)
  if (parts === null || !isKnownUnit(parts[2]!)) return { number: Number.NaN, ownUnit: null }
  return { number: parseNumberText(parts[1]!), ownUnit: parts[2]! }
}

function patternOf(feature: Feature): (text: string) => string | null {
  if (feature.pattern === undefined) return (text) => text
  let pattern: RegExp
  try {
    pattern = new RegExp(feature.pattern, 'u')
  } catch (cause) {
    const details = [{ path: featureName(feature), message: 'pattern is not a regular expression' }]
    throw new DomainError('mapping_invalid', 'A pattern of the mapping is not a regular expression', { details, cause })
  }
  return (text) => {
    const found = pattern.exec(text)
    return found === null ? null : (found[1] ?? found[0]).trim()
  }
}
