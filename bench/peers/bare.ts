/** Starts the bare server (bare-serve.ts). */
import { join } from 'node:path'
import { freePort, type Served, tail } from '../measure/program'

/** @param answer bytes of its one answer, or a file of answers, one a line, given in turn */
export async function serveBare(name: string, answer: number | string): Promise<Served> {
  const port = await freePort()
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'bare-serve.ts'), String(port), String(answer)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const out = tail(child.stdout)
  const err = tail(child.stderr)
  while (!out().includes('ready')) {
    if (child.exitCode !== null) throw new Error(`the bare server ended: ${err()}`)
    await Bun.sleep(5)
  }
  const stop = async () => {
    child.kill('SIGTERM')
    await child.exited
  }
  return { name, origin: `http://127.0.0.1:${port}`, headers: {}, pid: child.pid, stop }
}
