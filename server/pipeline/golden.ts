/** Golden queries: what a version must still answer when it is opened again, on this machine or another. */
import type { AttributeInput } from '../domain/encoder/block'
import { encodeRecord } from '../domain/encoder/encoder'
import { DomainError } from '../domain/error'
import type { Model } from './model'

/** One line of golden.jsonl: a stored vector as the query, and the vectors that exact search found nearest. */
interface GoldenQuery {
  vector: number
  nearest: number[]
  similarity: number
  /** Key of the first item with that vector; versions from before it was kept have none. */
  key?: string
}
type Golden = Pick<Model, 'index' | 'knowledge' | 'encoder'>

const GOLDEN_K = 10
const GOLDEN_EF = 256
const GOLDEN_PER_TURN = 10
/** Share of the expected neighbours that must be found; training has verified its own recall before. */
const GOLDEN_RECALL_MIN = 0.9
const SIMILARITY_TOLERANCE = 1e-3

/** Writes the queries as lines. @param vectors stored vectors that serve as queries */
export function goldenLines({ index, knowledge }: Pick<Golden, 'index' | 'knowledge'>, vectors: Uint32Array): string {
  return Array.from(vectors, (vector) => {
    const { keys, scores } = index.exact(index.vector(vector), { k: Math.min(GOLDEN_K, index.count) })
    const query: GoldenQuery = {
      vector,
      nearest: [...keys],
      similarity: scores[scores.length - 1],
      key: knowledge.items.key(firstItem(knowledge, vector)),
    }
    return `${JSON.stringify(query)}\n`
  }).join('')
}

/**
 * Asks them a few at a time: others get their turn in between.
 * @throws golden_failed when the opened files do not answer as they did at training
 */
export async function checkGolden(model: Golden, text: string): Promise<void> {
  checkVectorItems(model.knowledge)
  let strangers = 0
  let found = 0
  let expected = 0
  const lines = text.split('\n').filter((line) => line !== '')
  for (const [at, line] of lines.entries()) {
    if (at % GOLDEN_PER_TURN === 0) await new Promise(setImmediate)
    const { vector, nearest, similarity, key } = JSON.parse(line) as GoldenQuery
    const { scores } = model.index.search(model.index.vector(vector), { k: nearest.length, ef: GOLDEN_EF })
    if (Math.abs(scores[0] - 1) > SIMILARITY_TOLERANCE) throw failed(`query ${vector} does not find itself`)
    if (!isOwner(model, vector, key)) strangers++
    expected += nearest.length
    // by similarity, not by key: equally near vectors are equally right
    for (const score of scores) if (score >= similarity - SIMILARITY_TOLERANCE) found++
  }
  if (strangers > (1 - GOLDEN_RECALL_MIN) * lines.length) throw failed(`${strangers} of ${lines.length} vectors are not of their items`)
  if (expected > 0 && found < GOLDEN_RECALL_MIN * expected) throw failed(`${found} of ${expected} expected neighbours found`)
}

/** Keys of the items whose vectors are asked for. */
export function goldenItems({ knowledge }: Pick<Golden, 'knowledge'>, text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '')
  return lines.map((line) => knowledge.items.key(firstItem(knowledge, (JSON.parse(line) as GoldenQuery).vector)))
}

/** Items and vectors must name each other: else neighbours would be read from other items. */
function checkVectorItems({ items, vectors }: Model['knowledge']): void {
  for (let vector = 0; vector < vectors.count; vector++) {
    for (let at = vectors.offsets[vector]; at < vectors.offsets[vector + 1]; at++) {
      if (items.vector[vectors.items[at]] !== vector) throw failed(`vector ${vector} names an item that names another vector`)
    }
  }
}

/** The item that has the vector must bear its key, and its attributes must make the vector. */
function isOwner({ index, knowledge, encoder }: Golden, vector: number, key: string | undefined): boolean {
  const row = firstItem(knowledge, vector)
  if (key !== undefined && knowledge.items.key(row) !== key) return false
  const values = new Map<string, AttributeInput>()
  for (const { name, value } of knowledge.items.features) values.set(name, value(row))
  const made = encodeRecord(encoder, values)
  if (made === null) return false
  const stored = index.vector(vector)
  let product = 0
  for (let at = 0; at < stored.length; at++) product += stored[at] * made[at]
  return Math.abs(product - 1) <= SIMILARITY_TOLERANCE
}

const firstItem = ({ vectors }: Model['knowledge'], vector: number): number => vectors.items[vectors.offsets[vector]]

const failed = (message: string) =>
  new DomainError('golden_failed', 'the version does not answer its golden queries', { details: [{ path: 'golden.jsonl', message }] })
