/**
 * Questions as people ask them about parts that were never made, to measure recall with. A stored vector would find itself, and the
 * point midway between two is where no part lies. Here an item of the plant is asked for with some of its attributes unknown, near
 * numbers, and now and then another part's value, through the same encoder as a request; no such question is stored.
 */
import type { AttributeInput } from '../../domain/encoder/block'
import { type Encoder, encodeRecord } from '../../domain/encoder/encoder'
import type { Knowledge } from '../../domain/knowledge'
import type { Random } from '../../domain/random'

/** Share of the known attributes that a question leaves out, from and to. */
const BLANKED = [0.1, 0.3] as const
/** Every second number is another, up to so far away. */
const MOVED_SHARE = 0.5
const MOVED_BY = 0.05
/** Share of the other values that are another item's. */
const FOREIGN_SHARE = 0.1

interface Plant {
  encoder: Encoder
  knowledge: Pick<Knowledge, 'vectors'> & { items: Pick<Knowledge['items'], 'features'> }
}

/**
 * @param random the same seed gives the same questions
 * @returns count × dimensions, row-major, each of norm 1; nothing where the plant has no vectors
 */
export function recallQuestions({ encoder, knowledge }: Plant, { count, random }: { count: number; random: Random }): Float32Array {
  const { vectors, items } = knowledge
  const { dimensions } = encoder.model
  if (vectors.count === 0) return new Float32Array(0)
  const features = items.features.filter(({ name }) => encoder.blockOf.has(name))
  const anyRow = () => vectors.items[vectors.offsets[Math.floor(random() * vectors.count)]]
  const questions = new Float32Array(count * dimensions)
  for (let question = 0; question < count; ) {
    const row = anyRow()
    const known = features.filter((feature) => isKnown(feature.value(row)))
    const share = BLANKED[0] + (BLANKED[1] - BLANKED[0]) * random()
    const asked = known.filter(() => random() >= share)
    // one at least is known of any part
    if (asked.length === 0) asked.push(known[Math.floor(random() * known.length)])
    const values = new Map<string, AttributeInput>()
    for (const feature of asked) {
      const value = feature.value(row)
      if (typeof value === 'number') values.set(feature.name, random() < MOVED_SHARE ? value * (1 + MOVED_BY * (2 * random() - 1)) : value)
      else values.set(feature.name, random() < FOREIGN_SHARE ? feature.value(anyRow()) : value)
    }
    const vector = encodeRecord(encoder, values)
    // another item's value may be none at all
    if (vector !== null) questions.set(vector, question++ * dimensions)
  }
  return questions
}

const isKnown = (value: AttributeInput): boolean => value !== null && value !== ''
