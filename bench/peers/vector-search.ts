/** hnswlib and faiss in a Python process of their own, as contenders of bench/search.ts. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { Answers, Contender, GraphParameters } from '../search/contender'
import type { VectorData } from '../search/data'
import { pythonEnvironment } from './python-environment'

const packages = { hnswlib: ['hnswlib==0.8.0', 'numpy==2.4.6'], faiss: ['faiss-cpu==1.15.1', 'numpy==2.4.6'] }
export type PythonEngine = keyof typeof packages
export const pythonEngines: PythonEngine[] = ['hnswlib', 'faiss']

/** @param make whether Python packages may be installed for it */
export async function pythonContender(
  engine: PythonEngine,
  data: VectorData,
  folder: string,
  { connectivity, expansionAdd, threads }: GraphParameters,
  { make }: { make: boolean },
): Promise<Contender | { missing: string }> {
  const environment = await pythonEnvironment(packages[engine], { make })
  if ('missing' in environment) return environment
  const files = [join(folder, 'base.f32'), join(folder, 'queries.f32')]
  writeFileSync(files[0], data.base)
  writeFileSync(files[1], data.queries)
  const flags = [engine, ...files, ...[data.dimensions, connectivity, expansionAdd, threads].map(String)]
  const script = join(import.meta.dir, 'vector_search.py')
  const child = Bun.spawn([environment.python, '-B', script, ...flags], { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' })
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await lines.next()
    if (done) throw new Error(`${engine} ended`)
    return JSON.parse(value)
  }
  const { buildSeconds } = await answer().catch(() => ({ buildSeconds: null }))
  if (buildSeconds === null) return { missing: `${engine} could not build its index` }
  return {
    name: engine,
    buildSeconds,
    search: async (k, ef): Promise<Answers> => {
      child.stdin.write(`${JSON.stringify({ k, ef })}\n`)
      await child.stdin.flush()
      const { keys, micros, cpuMicros } = await answer()
      return { keys: Uint32Array.from(keys), micros: Float64Array.from(micros), cpuMicros }
    },
    close: () => void child.stdin.end(),
  }
}
