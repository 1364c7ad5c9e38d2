/** Golden queries: what a version must still answer when it is opened again, on this machine or another. */
import { DomainError } from '../domain/error'
import type { Model } from './model'

/** One line of golden.jsonl: a stored vector as the query, and the vectors that exact search found nearest. */
interface GoldenQuery {
  vector: number
  nearest: number[]
  similarity: number
}

const GOLDEN_K = 10
const GOLDEN_EF = 256
const GOLDEN_PER_TURN = 10
/** Share of the expected neighbours that must be found; training has verified its own recall before. */
const GOLDEN_RECALL_MIN = 0.9
const SIMILARITY_TOLERANCE = 1e-3

/** Writes the queries as lines. @param vectors stored vectors that serve as queries */
export function goldenLines(index: Model['index'], vectors: Uint32Array): string {
  return Array.from(vectors, (vector) => {
    const { keys, scores } = index.exact(index.vector(vector), { k: Math.min(GOLDEN_K, index.count) })
    const query: GoldenQuery = { vector, nearest: [...keys], similarity: scores[scores.length - 1] }
    return `${JSON.stringify(query)}\n`
  }).join('')
}

/**
 * Asks them a few at a time: others get their turn in between.
 * @throws golden_failed when the opened files do not answer as they did at training
 */
export async function checkGolden(model: Pick<Model, 'index'>, text: string): Promise<void> {
  let found = 0
  let expected = 0
  const lines = text.split('\n').filter((line) => line !== '')
  for (const [at, line] of lines.entries()) {
    if (at % GOLDEN_PER_TURN === 0) await new Promise(setImmediate)
    const { vector, nearest, similarity } = JSON.parse(line) as GoldenQuery
    const { scores } = model.index.search(model.index.vector(vector), { k: nearest.length, ef: GOLDEN_EF })
    if (Math.abs(scores[0] - 1) > SIMILARITY_TOLERANCE) throw failed(`query ${vector} does not find itself`)
    expected += nearest.length
    // by similarity, not by key: equally near vectors are equally right
    for (const score of scores) if (score >= similarity - SIMILARITY_TOLERANCE) found++
  }
  if (expected > 0 && found < GOLDEN_RECALL_MIN * expected) throw failed(`${found} of ${expected} expected neighbours found`)
}

const failed = (message: string) =>
  new DomainError('golden_failed', 'the version does not answer its golden queries', { details: [{ path: 'golden.jsonl', message }] })
