/** DuckDB, and a sum by numpy, in a Python process of their own, as contenders of bench/statistics.ts. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { type Contender, type Question, questions, type TimeTable, TRIM_HIGH, TRIM_LOW } from '../statistics/table'
import { pythonEnvironment } from './python-environment'

/** @param make whether Python packages may be installed for it */
export async function duckdb(
  { values, groups }: TimeTable,
  { threads, make }: { threads: number; make: boolean },
): Promise<Contender[] | { missing: string }> {
  const environment = await pythonEnvironment(['duckdb==2.0.0', 'numpy==2.4.6'], { make })
  if ('missing' in environment) return environment
  const folder = mkdtempSync(join(tmpdir(), 'routewright-bench-duckdb-'))
  const files = ['values.f64', 'groups.i32', 'answer.f64'].map((name) => join(folder, name))
  writeFileSync(files[0], values)
  writeFileSync(files[1], groups)
  const script = join(import.meta.dir, 'duckdb_statistics.py')
  const options = { stdin: 'pipe', stdout: 'pipe', stderr: 'inherit' } as const
  const flags = [...files, String(threads), String(TRIM_LOW), String(TRIM_HIGH)]
  const child = Bun.spawn([environment.python, '-B', script, ...flags], options)
  const lines = createInterface({ input: Readable.fromWeb(child.stdout as never) })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done) return { missing: 'duckdb did not start' }
  const { trim, numpy }: { trim: string; numpy: string } = JSON.parse(first.value)
  const ask = async (question: Question | 'numpy') => {
    child.stdin.write(`${question}\n`)
    await child.stdin.flush()
    const { value, done } = await lines.next()
    if (done) throw new Error('duckdb ended')
    const { names, ...times }: { names: string[]; wallMs: number; cpuMs: number } = JSON.parse(value)
    const answer = new Float64Array(readFileSync(files[2]).buffer)
    const count = answer.length / names.length
    return { columns: Object.fromEntries(names.map((name, at) => [name, answer.subarray(at * count, (at + 1) * count)])), ...times }
  }
  const close = () => void child.stdin.end()
  const name = `duckdb, ${threads} ${threads === 1 ? 'thread' : 'threads'}`
  return [
    { name: `numpy ${numpy}, sum of the column`, question: 'sum', note: 'one group', run: () => ask('numpy') },
    ...(Object.keys(questions) as Question[]).map((question) => ({
      name,
      question,
      note: question === 'trim' ? trim : undefined,
      run: () => ask(question),
      close,
    })),
  ]
}
