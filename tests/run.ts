/**
 * `bun run test`: sets up what is missing and runs every suite: cargo, bun, vitest, the browser. The last line is
 * `N passed, N failed`; the exit code is 0 only when nothing failed and every suite ran.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectDirectory, SetupProblem, setUp } from '../server/cli/setup'

interface Outcome {
  suite: string
  passed: number
  failed: number
  skipped: number
}

const results = mkdtempSync(join(tmpdir(), 'routewright-tests-'))
const say = (line: string) => process.stderr.write(`${line}\n`)

async function run(
  command: string[],
  { cwd = projectDirectory, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<{ code: number; output: string }> {
  const child = Bun.spawn(command, { cwd, env: { ...process.env, ...env }, stdout: 'pipe', stderr: 'pipe', stdin: 'ignore' })
  const read = async (stream: ReadableStream<Uint8Array>, to: NodeJS.WriteStream) => {
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of stream) {
      to.write(chunk)
      text += decoder.decode(chunk, { stream: true })
    }
    return text
  }
  const [out, err] = await Promise.all([read(child.stdout, process.stdout), read(child.stderr, process.stderr)])
  return { code: await child.exited, output: out + err }
}

const sum = (output: string, pattern: RegExp): number => [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0)

/** A suite that ends badly without a failed test (it did not start, it crashed) counts as one failure. */
const outcome = (suite: string, code: number, passed: number, failed: number, skipped = 0): Outcome => ({
  suite,
  passed,
  failed: code !== 0 && failed === 0 ? 1 : passed + failed === 0 ? 1 : failed,
  skipped,
})

async function cargo(): Promise<Outcome> {
  const { code, output } = await run(['cargo', 'test', '--release', '--locked', '-p', 'routewright-core'], {
    cwd: join(projectDirectory, 'native'),
  })
  return outcome(
    'cargo',
    code,
    sum(output, /test result: \w+\. (\d+) passed/g),
    sum(output, /; (\d+) failed/g),
    sum(output, /; (\d+) ignored/g),
  )
}

async function bunTests(suite: string, paths: string[], env: Record<string, string> = {}): Promise<Outcome> {
  const report = join(results, `${suite}.xml`)
  const { code } = await run([process.execPath, 'test', '--reporter=junit', `--reporter-outfile=${report}`, ...paths], { env })
  if (!existsSync(report)) return outcome(suite, 1, 0, 0)
  const head = readFileSync(report, 'utf8').slice(0, 1_000)
  const figure = (name: string) => Number(new RegExp(`<testsuites[^>]* ${name}="(\\d+)"`).exec(head)?.[1] ?? 0)
  const failed = figure('failures') + figure('errors')
  return outcome(suite, code, figure('tests') - failed - figure('skipped'), failed, figure('skipped'))
}

async function vitest(): Promise<Outcome> {
  const report = join(results, 'vitest.json')
  const command = [
    process.execPath,
    '--bun',
    'node_modules/.bin/vitest',
    'run',
    '--config',
    'ui/vitest.config.ts',
    '--pool=threads',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]
  const { code } = await run(command)
  if (!existsSync(report)) return outcome('vitest', 1, 0, 0)
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  return outcome('vitest', code, numPassedTests, numFailedTests, numPendingTests)
}

/** A browser that is installed, or installed now where that is a matter of one command. */
async function chromium(): Promise<string | null> {
  const find = () =>
    process.env.ROUTEWRIGHT_CHROMIUM ??
    ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map((name) => Bun.which(name)).find(Boolean) ??
    null
  const found = find()
  if (found !== null || process.getuid?.() !== 0 || !Bun.which('apt-get')) return found
  say('installing a browser for the tests: chromium, fonts-noto-cjk …')
  await run(['apt-get', 'update', '-qq'])
  await run(['apt-get', 'install', '-y', '-qq', 'chromium', 'fonts-noto-cjk'], { env: { DEBIAN_FRONTEND: 'noninteractive' } })
  return find()
}

async function browser(): Promise<Outcome> {
  const path = await chromium()
  if (path === null) {
    say('no browser: install Chromium (Debian: apt-get install chromium fonts-noto-cjk) or set ROUTEWRIGHT_CHROMIUM to one')
    return outcome('browser', 1, 0, 0)
  }
  return bunTests('browser', ['tests/ui/browser'], { ROUTEWRIGHT_CHROMIUM: path })
}

/** Every test beside the screens' own. */
const serverTests = (): string[] =>
  readdirSync(join(projectDirectory, 'tests'))
    .filter((name) => name !== 'ui' && name !== 'run.ts')
    .map((name) => `tests/${name}`)

const suites: Record<string, () => Promise<Outcome>> = {
  cargo,
  bun: () => bunTests('bun', serverTests()),
  vitest,
  browser,
}

const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !Object.hasOwn(suites, name))
if (unknown !== undefined) {
  say(`no such suite; one of: ${Object.keys(suites).join(', ')}`)
  process.exit(2)
}
try {
  await setUp(say)
} catch (error) {
  if (!(error instanceof SetupProblem)) throw error
  say(error.message)
  process.stdout.write('0 passed, 1 failed\n')
  process.exit(1)
}
const outcomes: Outcome[] = []
for (const [name, suite] of Object.entries(suites)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  say(`\n== ${name}`)
  outcomes.push(await suite())
}
say('')
for (const { suite, passed, failed, skipped } of outcomes)
  say(`${suite.padEnd(8)} ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
const total = (name: 'passed' | 'failed') => outcomes.reduce((count, entry) => count + entry[name], 0)
process.stdout.write(`${total('passed')} passed, ${total('failed')} failed\n`)
process.exit(total('failed') === 0 ? 0 : 1)
