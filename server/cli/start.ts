/**
 * `bun start`: from a clean clone to a page that answers. Sets up what is missing, makes and learns the sample plant the
 * first time, and serves. Flags go to `serve`. A second start finds everything done.
 */
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { projectDirectory, SetupProblem, seconds, setUp } from './setup'

const say = (line: string) => process.stderr.write(`${line}\n`)
const flags = process.argv.slice(2)

function flag(name: string, fallback: string): string {
  const place = flags.indexOf(`--${name}`)
  return (
    flags.find((entry) => entry.startsWith(`--${name}=`))?.slice(name.length + 3) ?? (place >= 0 ? flags[place + 1] : undefined) ?? fallback
  )
}

const host = flag('host', process.env.ROUTEWRIGHT_HOST ?? '127.0.0.1')
const port = flag('port', process.env.ROUTEWRIGHT_PORT ?? '8080')
const models = flag('models', process.env.ROUTEWRIGHT_MODELS ?? './models')
const database = flag('database', process.env.ROUTEWRIGHT_DATABASE ?? './data/routewright.sqlite')
const SAMPLE = './data/sample'

/** Told before the long work, not after it. */
function checkPort(): Promise<void> {
  return new Promise((free, taken) => {
    const probe = createServer()
    probe.once('error', () =>
      taken(new SetupProblem(`port ${port} is taken: stop what listens there, or choose another: bun start --port 8081`)),
    )
    probe.listen({ port: Number(port), host }, () => probe.close(() => free()))
  })
}

async function routewright(...args: string[]): Promise<void> {
  const { runCli } = await import('./root')
  const { version } = await import('../../package.json')
  await runCli(args, version)
}

/** One process per command: each gives its memory back when it is done. */
async function command(title: string, ...args: string[]): Promise<void> {
  const started = performance.now()
  say(`${title} …`)
  const child = Bun.spawn([process.execPath, 'server/main.ts', ...args], {
    cwd: projectDirectory,
    stdout: 'ignore',
    stderr: 'inherit',
    stdin: 'ignore',
  })
  if ((await child.exited) !== 0) throw new SetupProblem(`routewright ${args[0]} failed; its output above says why`)
  say(`${title}: ${seconds(started)} s`)
}

async function start(): Promise<void> {
  const started = performance.now()
  process.chdir(projectDirectory)
  await checkPort()
  await setUp(say)
  const { hasVersions } = await import('./has-versions')
  if (!hasVersions(database)) {
    if (!existsSync(join(SAMPLE, 'mapping.json'))) await command('sample plant: 20,000 items', 'sample', '--out', SAMPLE, '--json')
    await command(
      'training on the sample plant',
      'train',
      '--source',
      SAMPLE,
      '--mapping',
      join(SAMPLE, 'mapping.json'),
      '--models',
      models,
      '--database',
      database,
      '--activate',
      '--json',
    )
    say(`set up in ${seconds(started)} s; the next start is immediate`)
  }
  const rest = ['port', 'host', 'models', 'database'].reduce<string[]>(dropFlag, flags)
  await routewright('serve', '--port', port, '--host', host, '--models', models, '--database', database, ...rest)
}

/** The flags that were read here are handed on by name, the others as they are. */
function dropFlag(args: string[], name: string): string[] {
  const place = args.indexOf(`--${name}`)
  const without = place < 0 ? args : [...args.slice(0, place), ...args.slice(place + 2)]
  return without.filter((entry) => !entry.startsWith(`--${name}=`))
}

try {
  await start()
} catch (error) {
  if (error instanceof SetupProblem) {
    say(error.message)
    process.exit(1)
  }
  const { failure } = await import('./failure')
  const { exitCode, lines } = failure(error, { json: false, debug: process.env.ROUTEWRIGHT_DEBUG === '1' })
  for (const line of lines) say(line)
  process.exit(exitCode)
}
