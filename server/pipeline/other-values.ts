/** Other values that an attribute might have had: those of similar items first, then those of the plant. */
import type { Form } from '../contract/item'
import type { AttributeInput } from '../domain/encoder/block'
import type { KnownFeature } from '../domain/knowledge'
import type { Model } from './model'

/** Items at even distances whose numbers stand for the plant's. */
const SAMPLE = 500
const QUANTILES = 10

/** At most `count` values other than `from`, the likeliest first; unknown is the last of them where something is known. */
export function otherValues(
  { knowledge, form }: Pick<Model, 'knowledge' | 'form'>,
  feature: KnownFeature,
  from: AttributeInput,
  neighbours: readonly number[],
  count: number,
): AttributeInput[] {
  const near = byFrequency(neighbours.map((row) => feature.value(row)))
  const usual =
    feature.feature.kind === 'number' ? quantilesAround(knowledge.items.count, feature, from) : frequentValues(form, feature.name)
  const values = new Set<AttributeInput>()
  for (const value of interleave(near, usual)) if (value !== null && value !== from) values.add(value)
  const wanted = from === null ? count : count - 1
  return [...[...values].slice(0, wanted), ...(from === null ? [] : [null])].slice(0, count)
}

const frequentValues = (form: Form, name: string): AttributeInput[] =>
  form.fields.find((field) => field.name === name)?.values.map(({ value }) => value) ?? []

/** Deciles of the plant, those next to the value first. */
function quantilesAround(items: number, { value }: KnownFeature, from: AttributeInput): AttributeInput[] {
  const sample: number[] = []
  const stride = Math.max(1, items / SAMPLE)
  for (let at = 0; at < items; at += stride) {
    const number = value(Math.floor(at))
    if (typeof number === 'number') sample.push(number)
  }
  if (sample.length === 0) return []
  const sorted = Float64Array.from(sample).sort()
  const deciles = Array.from({ length: QUANTILES + 1 }, (_, at) => sorted[Math.round((at / QUANTILES) * (sorted.length - 1))])
  if (typeof from !== 'number') return byFrequency(deciles)
  const rank = (number: number) => sorted.filter((other) => other <= number).length
  const here = rank(from)
  return [...new Set(deciles)].sort((a, b) => Math.abs(rank(a) - here) - Math.abs(rank(b) - here) || a - b)
}

/** Distinct values, most frequent first, then in the order in which they come. */
function byFrequency(values: AttributeInput[]): AttributeInput[] {
  const counts = new Map<AttributeInput, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1]).map(([value]) => value)
}

function interleave<T>(a: readonly T[], b: readonly T[]): T[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [...a.slice(at, at + 1), ...b.slice(at, at + 1)]).flat()
}
