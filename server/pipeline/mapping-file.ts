/** Mapping files: read, checked against the schema and against what the schema cannot say, and told apart by their hash. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { type TSchema, TypeGuard } from '@sinclair/typebox'
import { Value, type ValueError } from '@sinclair/typebox/value'
import { Mapping } from '../contract/mapping'
import type { ProblemDetail } from '../contract/problem'
import { DomainError } from '../domain/error'
import { mappingProblems } from '../domain/mapping-check'

const detailsMax = 50
/** A mapping of 500 features is far below it. */
const bytesMax = 4_000_000

/** Reads a mapping file. Throws `source_not_found` when there is none, `mapping_invalid` with JSON pointers as details. */
export async function loadMapping(path: string): Promise<Mapping> {
  const bytes = await readFile(path).catch((cause) => {
    throw new DomainError('source_not_found', 'The mapping file does not exist or may not be read', {
      cause,
      details: [{ path, message: 'not found' }],
    })
  })
  if (bytes.length > bytesMax) throw new DomainError('mapping_invalid', `A mapping file has at most ${bytesMax} bytes`)
  return parseMapping(parseJson(bytes))
}

/** A mapping from parsed JSON. Throws `mapping_invalid`, whose details are JSON pointers into it. */
export function parseMapping(json: unknown): Mapping {
  const details = Value.Check(Mapping, json) ? mappingProblems(json) : schemaProblems(json)
  if (details.length > 0) throw new DomainError('mapping_invalid', 'The mapping cannot be used', { details: details.slice(0, detailsMax) })
  return json as Mapping // checked against the schema two lines above
}

/** SHA-256 of a mapping's content: equal for files that differ in blanks, line ends or the order of keys only. */
export function mappingSha256(mapping: Mapping): string {
  return createHash('sha256').update(canonicalJson(mapping)).digest('hex')
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  )
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new DomainError('mapping_invalid', 'The mapping file is not JSON in UTF-8', { cause })
  }
}

function schemaProblems(json: unknown): ProblemDetail[] {
  const problems = new Map<string, string>()
  for (const error of Value.Errors(Mapping, json))
    for (const { path, message } of plainErrors(error)) if (!problems.has(path)) problems.set(path, message)
  return [...problems].map(([path, message]) => ({ path: path === '' ? '/' : path, message }))
}

/** Of a union's variants only the one that was meant is told: the one whose `kind` or `form` fits. */
function plainErrors(error: ValueError): ValueError[] {
  if (!TypeGuard.IsUnion(error.schema) || error.errors.length === 0) return [error]
  const meant = error.schema.anyOf.findIndex((variant) => isMeant(variant, error.value))
  return meant < 0 ? [error] : [...error.errors[meant]!].flatMap(plainErrors)
}

function isMeant(variant: TSchema, value: unknown): boolean {
  if (!TypeGuard.IsObject(variant) || typeof value !== 'object' || value === null) return false
  const literals = Object.entries(variant.properties).filter(([, property]) => TypeGuard.IsLiteral(property))
  return literals.length > 0 && literals.every(([key, property]) => (value as Record<string, unknown>)[key] === property.const)
}
