/** Python packages for peers, in a virtual environment of the bench, made on first need and kept for the next run. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { say } from '../measure/report'

export type PythonEnvironment = { python: string; versions: string } | { missing: string }

/**
 * An environment with the packages (`name==version`).
 * @param make false: only one that a former run has made
 * @returns the interpreter, or in words what is missing
 */
export async function pythonEnvironment(packages: string[], { make }: { make: boolean }): Promise<PythonEnvironment> {
  const key = Bun.hash(packages.join(' ')).toString(36)
  const folder = join(tmpdir(), `routewright-bench-python-${process.getuid?.() ?? 'user'}-${key}`)
  const python = join(folder, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python')
  // written last: a folder without it is what an interrupted installation left
  const done = join(folder, 'complete')
  const versions = packages.join(', ')
  if (existsSync(done)) return { python, versions }
  if (!make) return { missing: `no environment with ${versions} yet; a run without --smoke makes it` }
  if (Bun.which('python3') === null) return { missing: 'python3 is not installed' }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  say(`python environment with ${versions} (once, a minute or two)`)
  const steps = [
    ['python3', '-m', 'venv', folder],
    [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...packages],
  ]
  for (const command of steps) {
    const child = Bun.spawn(command, { stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
    if ((await child.exited) === 0) continue
    rmSync(folder, { recursive: true, force: true })
    return { missing: `${command.slice(1, 4).join(' ')} failed: ${(err || out).trim().split('\n').at(-1)}` }
  }
  writeFileSync(`${done}.tmp`, `${versions}\n`)
  renameSync(`${done}.tmp`, done)
  return { python, versions }
}
