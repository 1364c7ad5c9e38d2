/**
 * What a fresh clone needs before anything else runs: packages, the addon, the screens. Each step is skipped when nothing
 * it depends on has changed. Imports nothing that must be installed first.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const projectDirectory = join(import.meta.dir, '..', '..')
const at = (...parts: string[]) => join(projectDirectory, ...parts)

/** A fault of the machine that a person can mend: one line that says how. */
export class SetupProblem extends Error {}

const FREE_BYTES_MIN = 3e9

export type Say = (line: string) => void

/** Runs the three steps in order. `say` gets one line a step that had work. Throws `SetupProblem`. */
export async function setUp(say: Say): Promise<void> {
  checkMachine()
  await step(say, 'packages', [at('package.json'), at('bun.lock')], at('node_modules', '.routewright-stamp'), () =>
    runBun(['install', '--frozen-lockfile']),
  )
  // the addon's build knows its own sources; it prints what it does
  const { buildAddon } = (await import('../../native/build')) as { buildAddon: () => Promise<'built' | 'unchanged'> }
  try {
    const started = performance.now()
    if ((await buildAddon()) === 'built') say(`native addon built in ${seconds(started)} s`)
  } catch (error) {
    throw new SetupProblem(error instanceof Error ? error.message : String(error))
  }
  const sources = [...filesBelow(at('ui')), ...filesBelow(at('server', 'contract')), at('bun.lock')]
  await step(say, 'screens', sources, at('ui', 'dist', '.routewright-stamp'), () => runBun(['ui/build.ts']))
}

function checkMachine(): void {
  const { bavail, bsize } = statfsSync(projectDirectory)
  if (bavail * bsize < FREE_BYTES_MIN && !existsSync(at('node_modules'))) {
    throw new SetupProblem(
      `not enough space: set-up needs 3 GB below ${projectDirectory}, ${Math.floor((bavail * bsize) / 1e8) / 10} GB are free`,
    )
  }
}

async function step(say: Say, name: string, inputs: string[], stampFile: string, run: () => Promise<void>): Promise<void> {
  const stamp = hashOf(inputs)
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return
  const started = performance.now()
  say(`${name} …`)
  await run()
  mkdirSync(join(stampFile, '..'), { recursive: true })
  writeFileSync(stampFile, stamp)
  say(`${name} ready in ${seconds(started)} s`)
}

/** Runs bun in the project, its output on standard error. */
export async function runBun(args: string[]): Promise<void> {
  const child = Bun.spawn([process.execPath, ...args], { cwd: projectDirectory, stdout: 2, stderr: 2, stdin: 'ignore' })
  if ((await child.exited) !== 0) throw new SetupProblem(`bun ${args.join(' ')} failed; its output above says why`)
}

function hashOf(files: string[]): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch} ${Bun.version}\n`)
  for (const file of files) hash.update(`${file.slice(projectDirectory.length)}\n`).update(readFileSync(file))
  return hash.digest('hex')
}

function filesBelow(directory: string): string[] {
  return (
    readdirSync(directory, { recursive: true, encoding: 'utf8' })
      // what the build itself writes is no input of it
      .filter((name) => !/^(dist|node_modules)([/\\]|$)/.test(name))
      .map((name) => join(directory, name))
      .filter((file) => statSync(file).isFile())
      .sort()
  )
}

export const seconds = (since: number): string => ((performance.now() - since) / 1000).toFixed(1)
