/**
 * What the servers are asked in the prediction bench: known items, each as somebody would ask for it, and the same questions as
 * bare vectors for a peer that only searches. Made with the version's own encoder, so that both search for the same thing.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { MANIFEST_NAME, parseManifest } from '../../server/artifacts/manifest-text'
import { efSearchPresets } from '../../server/contract/limits'
import type { Attributes, PredictRequest, SimilarRequest } from '../../server/contract/predict'
import { sampleRows, seededRandom } from '../../server/domain/random'
import { asWritten } from '../../server/domain/written-units'
import { type Model, modelFiles, openModel, retireModel } from '../../server/pipeline/model'
import { resolveQuery } from '../../server/pipeline/query'

export const searchEf = efSearchPresets.standard
/** Exhaustive search of all questions would take longer than the bench. */
const recallQuestionsMax = 500
/** Equal within the rounding of f32 sums: ties in the last place count as found. */
const scoreTolerance = 1e-5

export interface Questions {
  count: number
  items: number
  vectors: number
  /** NDJSON: one body a line. */
  predictPath: string
  similarPath: string
  /** The questions as vectors, `{ vector, k }`: lists of numbers, and base64. */
  listPath: string
  base64Path: string
  /** count × dimensions, f32, little-endian. */
  queriesPath: string
  /** JSON: the first item of each vector, and how many have it. */
  itemsPath: string
  vectorsPath: string
  dimensions: number
  connectivity: number
  expansionAdd: number
  k: number
  /** The first so many were asked of exact search, too. */
  judged: number
  /** recall@k of the product's search at the standard preset on these. */
  recall: number
  /** recall@k of what a peer found for these: keys a question. */
  recallOf: (found: number[][]) => number
}

/** Every fourth question is the key alone, every fourth a part that nobody made: no key, two attributes unknown. */
function asked(model: Model, row: number, at: number, random: () => number): Pick<PredictRequest, 'item' | 'attributes'> {
  const { items } = model.knowledge
  const item = items.key(row)
  if (at % 4 === 3) return { item }
  const attributes: Attributes = asWritten(items.features, Object.fromEntries(items.features.map(({ name, value }) => [name, value(row)])))
  if (at % 4 !== 2) return { item, attributes }
  const names = Object.keys(attributes)
  for (let blank = 0; blank < 2; blank++) attributes[names[Math.floor(random() * names.length)]] = null
  return { attributes }
}

/** @param directory a version's folder @param wanted questions at most; never more than there are items @param k neighbours of every search */
export async function makeQuestions(
  folder: string,
  directory: string,
  { wanted, k: searchK }: { wanted: number; k: number },
): Promise<Questions> {
  const manifest = parseManifest(readFileSync(join(directory, MANIFEST_NAME), 'utf8'))
  const model = await openModel(directory, manifest, { epoch: 0 })
  try {
    const random = seededRandom(1)
    const bodies: Pick<PredictRequest, 'item' | 'attributes'>[] = []
    const vectors: Float32Array[] = []
    for (const row of sampleRows(model.knowledge.items.count, Math.min(wanted, model.knowledge.items.count), random)) {
      const body = asked(model, row, bodies.length, random)
      const { vector } = resolveQuery(model, body)
      // an item of which nothing is known has no vector, and a peer could not be asked for it
      if (vector === null) continue
      bodies.push(body)
      vectors.push(vector)
    }
    const { dimensions } = manifest
    const queries = new Float32Array(vectors.length * dimensions)
    vectors.forEach((vector, at) => {
      queries.set(vector, at * dimensions)
    })
    const write = (name: string, lines: unknown[]) => {
      const path = join(folder, name)
      writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
      return path
    }
    const queriesPath = join(folder, 'queries.f32')
    writeFileSync(queriesPath, queries)
    const first = queries.subarray(0, Math.min(recallQuestionsMax, vectors.length) * dimensions)
    const exact = await model.index.exactBatch(first, { k: searchK, threads: availableParallelism() })
    const found = await model.index.searchBatch(first, { k: searchK, ef: Math.max(searchEf, searchK), threads: availableParallelism() })
    const known = readFileSync(join(directory, modelFiles.vectors))
    const stored = new Float32Array(known.buffer, known.byteOffset, known.byteLength / 4)
    const questions = first.length / dimensions
    const score = (question: number, key: number) => {
      let sum = 0
      for (let at = 0; at < dimensions; at++) sum += first[question * dimensions + at] * stored[key * dimensions + at]
      return sum
    }
    const share = (right: number) => right / (questions * Math.min(searchK, manifest.counts.vectors))
    const isNear = (question: number, key: number) =>
      key < manifest.counts.vectors && score(question, key) >= exact.scores[(question + 1) * searchK - 1] - scoreTolerance
    let right = 0
    found.keys.forEach((key, at) => {
      if (isNear(Math.floor(at / searchK), key)) right++
    })
    return {
      count: bodies.length,
      items: manifest.counts.items,
      vectors: manifest.counts.vectors,
      predictPath: write(
        'predict.ndjson',
        bodies.map((body) => ({ ...body, ignoreOwnHistory: true }) satisfies PredictRequest),
      ),
      similarPath: write(
        'similar.ndjson',
        bodies.map((body) => ({ ...body, ignoreOwnHistory: true }) satisfies SimilarRequest),
      ),
      listPath: write(
        'list.ndjson',
        vectors.map((vector) => ({ vector: [...vector], k: searchK })),
      ),
      base64Path: write(
        'base64.ndjson',
        vectors.map(({ buffer, byteOffset, byteLength }) => ({
          vector: new Uint8Array(buffer, byteOffset, byteLength).toBase64(),
          k: searchK,
        })),
      ),
      queriesPath,
      itemsPath: write('items.json', [itemsOfVectors(model)]),
      vectorsPath: join(directory, modelFiles.vectors),
      dimensions,
      connectivity: manifest.index.connectivity,
      expansionAdd: manifest.index.expansionAdd,
      k: searchK,
      judged: questions,
      recall: share(right),
      recallOf: (peer) => share(peer.reduce((sum, keys, question) => sum + keys.filter((key) => isNear(question, key)).length, 0)),
    }
  } finally {
    retireModel(model)
  }
}

function itemsOfVectors({ knowledge: { items, vectors } }: Model): { items: string[]; counts: number[] } {
  const keys = Array.from({ length: vectors.count }, (_, key) => key)
  return {
    items: keys.map((key) => items.key(vectors.items[vectors.offsets[key]])),
    counts: keys.map((key) => vectors.offsets[key + 1] - vectors.offsets[key]),
  }
}
