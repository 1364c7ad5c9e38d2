/**
 * Writes small index files with the published package of the library, one of each kind that the reader knows, into
 * `corpus/usearch_file`: `bun native/fuzz/peer-files.ts`. Their vectors are `sin` of row and column, so that a test can make them again.
 */
import { join } from 'node:path'
import usearch from 'usearch'

const rows = 60
const dimensions = 6
const corpus = join(import.meta.dir, 'corpus', 'usearch_file')

const value = (at: number) => Math.sin(1 + at * at * 0.37)
const vectors = Float32Array.from({ length: rows * dimensions }, (_, at) => value(at))
const keys = BigUint64Array.from({ length: rows }, (_, row) => BigInt(row) * 1_000_003n)

for (const quantization of [usearch.ScalarKind.F32, usearch.ScalarKind.BF16, usearch.ScalarKind.F16, usearch.ScalarKind.I8]) {
  for (const [name, metric, multi] of [
    ['cos', usearch.MetricKind.Cos, false],
    ['l2sq', usearch.MetricKind.L2sq, false],
    ['ip', usearch.MetricKind.IP, true],
  ] as const) {
    const index = new usearch.Index({ dimensions, metric, quantization, connectivity: 4, expansion_add: 32, expansion_search: 32, multi })
    index.add(keys, vectors, 1)
    if (multi) index.add(keys.slice(0, 10), vectors.slice(0, 10 * dimensions), 1)
    index.save(join(corpus, `${quantization}-${name}.usearch`))
  }
}
