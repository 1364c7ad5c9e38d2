/** Starts the FastAPI + hnswlib service (fastapi_hnswlib.py) on the product's own vectors, at the ef at which it finds as many. */
import { join } from 'node:path'
import { freePort, type Served, tail } from '../measure/program'
import type { Questions } from '../measure/questions'
import { pythonEnvironment } from './python-environment'

const packages = ['fastapi==0.165.0', 'uvicorn[standard]==0.54.0', 'hnswlib==0.8.0', 'numpy==2.4.6']
const readyMsMax = 120_000
const efs = [10, 16, 24, 32, 40, 50, 56, 64, 72, 80, 88, 96, 112, 128, 144, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024]
const key = 'bench-key-of-forty-characters-0123456789'

export interface Fastapi {
  serve: (name: string, workers: number) => Promise<Served>
  ef: number
  /** Of the first questions, as the product's. */
  recall: number
  /** What it is, for the notes. */
  words: string
}

/**
 * Builds its index once and looks for the smallest ef at which it finds as many of the k nearest as the product does.
 * @param make whether Python packages may be installed for it
 */
export async function prepareFastapi(
  questions: Questions,
  { folder, make }: { folder: string; make: boolean },
): Promise<Fastapi | { missing: string }> {
  const environment = await pythonEnvironment(packages, { make })
  if ('missing' in environment) return environment
  const { k, connectivity, expansionAdd } = questions
  const env = {
    ...process.env,
    BENCH_DIMENSIONS: String(questions.dimensions),
    BENCH_VECTORS: questions.vectorsPath,
    BENCH_QUERIES: questions.queriesPath,
    BENCH_ITEMS: questions.itemsPath,
    BENCH_FIRST: String(questions.judged),
    BENCH_K: String(k),
    BENCH_INDEX: join(folder, 'hnswlib.index'),
    BENCH_CONNECTIVITY: String(connectivity),
    BENCH_EXPANSION_ADD: String(expansionAdd),
    BENCH_KEY: key,
  }
  const options = { cwd: import.meta.dir, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' } as const
  const run = async (...args: string[]): Promise<{ out: string } | { missing: string }> => {
    const child = Bun.spawn([environment.python, '-B', 'fastapi_hnswlib.py', ...args], { ...options, env })
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    return (await child.exited) === 0 ? { out } : { missing: `hnswlib: ${err.trim().split('\n').at(-1)}` }
  }
  const built = await run('build')
  if ('missing' in built) return built
  const found = await run('find', ...efs.filter((ef) => ef >= Math.min(k, questions.vectors)).map(String))
  if ('missing' in found) return found
  const keysAt = Object.entries(JSON.parse(found.out) as Record<string, number[][]>)
  const recalls = keysAt.map(([ef, keys]) => ({ ef: Number(ef), recall: questions.recallOf(keys) }))
  const { ef, recall } = recalls.find(({ recall }) => recall >= questions.recall) ?? recalls[recalls.length - 1]
  const reached = recall >= questions.recall ? '' : ', as many were not found at any ef'
  return {
    ef,
    recall,
    words: `${environment.versions}, M ${connectivity}, ef_construction ${expansionAdd}, f32, ef ${ef}: recall@${k} ${recall.toFixed(4)}, the product's ${questions.recall.toFixed(4)}${reached}`,
    serve: (name, workers) =>
      serve(name, { command: [environment.python, '-B', '-m', 'uvicorn', 'fastapi_hnswlib:app'], workers, ef, env }),
  }
}

async function serve(
  name: string,
  { command, workers, ef, env }: { command: string[]; workers: number; ef: number; env: NodeJS.ProcessEnv },
): Promise<Served> {
  const port = await freePort()
  const flags = ['--host', '127.0.0.1', '--port', String(port), '--workers', String(workers), '--no-access-log', '--log-level', 'warning']
  const child = Bun.spawn([...command, ...flags], {
    cwd: import.meta.dir,
    env: { ...env, BENCH_EF: String(ef) },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  const said = [tail(child.stdout), tail(child.stderr)]
  const origin = `http://127.0.0.1:${port}`
  const deadline = performance.now() + readyMsMax
  while (!(await fetch(`${origin}/openapi.json`).catch(() => null))?.ok) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`uvicorn did not come up: ${said.map((of) => of()).join(' ')}`)
    }
    await Bun.sleep(100)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await child.exited
  }
  return { name, origin, headers: { authorization: `Bearer ${key}` }, pid: child.pid, stop }
}
