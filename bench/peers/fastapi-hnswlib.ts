/** Starts the FastAPI + hnswlib service (fastapi_hnswlib.py) on the product's own vectors. */
import { join } from 'node:path'
import { freePort, type Served, tail } from '../measure/program'
import { pythonEnvironment } from './python-environment'

const packages = ['fastapi==0.165.0', 'uvicorn[standard]==0.54.0', 'hnswlib==0.8.0', 'numpy==2.4.6']
const readyMsMax = 120_000

export interface PeerInput {
  folder: string
  vectorsPath: string
  queriesPath: string
  dimensions: number
  connectivity: number
  expansionAdd: number
  ef: number
}
export type Peer = { serve: (name: string, workers: number) => Promise<Served>; versions: string } | { missing: string }

/** Builds its index once. @param make whether Python packages may be installed for it */
export async function prepareFastapi(input: PeerInput, { make }: { make: boolean }): Promise<Peer> {
  const environment = await pythonEnvironment(packages, { make })
  if ('missing' in environment) return environment
  const env = {
    ...process.env,
    BENCH_DIMENSIONS: String(input.dimensions),
    BENCH_VECTORS: input.vectorsPath,
    BENCH_QUERIES: input.queriesPath,
    BENCH_INDEX: join(input.folder, 'hnswlib.index'),
    BENCH_CONNECTIVITY: String(input.connectivity),
    BENCH_EXPANSION_ADD: String(input.expansionAdd),
    BENCH_EF: String(input.ef),
  }
  const options = { cwd: import.meta.dir, env, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' } as const
  const build = Bun.spawn([environment.python, '-B', 'fastapi_hnswlib.py'], options)
  const words = [tail(build.stdout), tail(build.stderr)]
  if ((await build.exited) !== 0) return { missing: `hnswlib could not build: ${words.map((of) => of()).join(' ')}` }
  return {
    versions: environment.versions,
    serve: async (name, workers) => {
      const port = await freePort()
      const flags = [
        '--host',
        '127.0.0.1',
        '--port',
        String(port),
        '--workers',
        String(workers),
        '--no-access-log',
        '--log-level',
        'warning',
      ]
      const child = Bun.spawn([environment.python, '-B', '-m', 'uvicorn', 'fastapi_hnswlib:app', ...flags], options)
      const said = [tail(child.stdout), tail(child.stderr)]
      const origin = `http://127.0.0.1:${port}`
      const deadline = performance.now() + readyMsMax
      for (;;) {
        const answer = await fetch(`${origin}/search`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: '{"query":0,"k":1}',
        }).catch(() => null)
        if (answer?.ok) break
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
      return { name, origin, headers: {}, stop }
    },
  }
}
