/** DuckDB in a Python process of its own, as a contender of bench/statistics.ts. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type Compared, type Contender, compared, type TimeTable } from '../statistics/table'
import { pythonEnvironment } from './python-environment'

/** @param make whether Python packages may be installed for it */
export async function duckdb(
  { values, groups }: TimeTable,
  { threads, make }: { threads: number; make: boolean },
): Promise<Contender | { missing: string }> {
  const environment = await pythonEnvironment(['duckdb==2.0.0', 'numpy==2.4.6'], { make })
  if ('missing' in environment) return environment
  const folder = mkdtempSync(join(tmpdir(), 'routewright-bench-duckdb-'))
  const files = ['values.f64', 'groups.i32', 'summary.f64'].map((name) => join(folder, name))
  writeFileSync(files[0], values)
  writeFileSync(files[1], groups)
  const script = join(import.meta.dir, 'duckdb_statistics.py')
  const options = { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' } as const
  const child = Bun.spawn([environment.python, '-B', script, ...files, String(threads)], options)
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })[Symbol.asyncIterator]()
  if ((await lines.next()).value !== 'ready') return { missing: 'duckdb did not start' }
  return {
    name: 'duckdb',
    computes: 'the same',
    run: async () => {
      child.stdin.write('run\n')
      await child.stdin.flush()
      const { value, done } = await lines.next()
      if (done) throw new Error('duckdb ended')
      const columns = new Float64Array(readFileSync(files[2]).buffer)
      const count = columns.length / compared.length
      const summary = Object.fromEntries(compared.map((field, at) => [field, columns.subarray(at * count, (at + 1) * count)]))
      return { summary: summary as unknown as Compared, ...JSON.parse(value) }
    },
    close: () => void child.stdin.end(),
  }
}
