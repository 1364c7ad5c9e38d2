/**
 * `bun run test:neon`: the kernels, walks and scans of the core on an emulated ARM processor, one with dot products of bytes and
 * one without; then a whole search on each of their paths over an image that this machine built: the answers must be this
 * machine's own. It says what is right, nothing about speed. What is missing is said aloud, and nothing is run then.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const folder = import.meta.dir
const triple = 'aarch64-unknown-linux-gnu'
/** Processors of qemu, and the kernels that the core must find on each. */
const processors = [
  { name: 'neoverse-n1', kernels: ['neon-dotprod', 'neon', 'portable'], lacks: [] },
  { name: 'cortex-a72', kernels: ['neon', 'portable'], lacks: ['neon-dotprod'] },
]
/** Tests that start programs of their own (mutation) do not run under an emulator of programs; the others would only take long. */
const suites = { kernels: ['--lib', 'kernels'], 'walks and scans': ['--test', 'image_walk', '--test', 'flat_scan'] }
const arm = {
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER: 'aarch64-linux-gnu-gcc',
  CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER: 'qemu-aarch64 -L /usr/aarch64-linux-gnu',
  CXX_aarch64_unknown_linux_gnu: 'aarch64-linux-gnu-g++',
  CARGO_PROFILE_RELEASE_LTO: 'off',
}

interface Ran {
  code: number
  out: string
  log: string
}

async function run(command: string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = Bun.spawn(command, { cwd: folder, env: { ...process.env, ...env }, stdout: 'pipe', stderr: 'pipe' })
  const [out, log] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()])
  return { code: await child.exited, out, log }
}

/** Why nothing can be run here, and what to do. */
function missing(): string | null {
  if (process.platform !== 'linux') return 'it needs Linux'
  if (process.arch === 'arm64') return 'this machine is an ARM: `bun run test` tests these kernels'
  const tools = ['aarch64-linux-gnu-gcc', 'aarch64-linux-gnu-g++', 'qemu-aarch64'].filter((name) => !Bun.which(name))
  if (tools.length > 0) return `${tools.join(', ')} missing: apt-get install g++-aarch64-linux-gnu qemu-user`
  if (!Bun.which('cargo')) return 'cargo is missing: install Rust from https://rustup.rs'
  const libraries = Bun.spawnSync(['rustc', '--print', 'target-libdir', '--target', triple]).stdout.toString().trim()
  return existsSync(libraries) ? null : `the target of Rust is missing: rustup target add ${triple}`
}

function check(what: string, holds: boolean, log = ''): boolean {
  console.error(`${holds ? 'ok' : 'FAILED'}  ${what}`)
  if (!holds && log) console.error(log)
  return holds
}

/** One check a suite, and one of the kernels that the processor has. */
async function tests(processor: (typeof processors)[number]): Promise<boolean[]> {
  const checks: boolean[] = []
  for (const [suite, chosen] of Object.entries(suites)) {
    const threads = ['--', '--nocapture', '--test-threads=1']
    const command = ['cargo', 'test', '--release', '--locked', '--target', triple, '-p', 'routewright-core', ...chosen, ...threads]
    const { code, out, log } = await run(command, { ...arm, QEMU_CPU: processor.name })
    const passed = [...out.matchAll(/test result: ok\. (\d+) passed/g)].reduce((sum, [, count]) => sum + Number(count), 0)
    checks.push(check(`${processor.name}: ${passed} tests of ${suite}`, code === 0 && passed > 0, out + log))
    if (suite !== 'kernels') continue
    const skipped = new Set([...log.matchAll(/SKIPPED kernels (\S+):/g)].map(([, name]) => name))
    for (const name of skipped) console.error(`SKIPPED kernels ${name}: ${processor.name} lacks the instructions`)
    checks.push(check(`${processor.name}: has ${processor.kernels.join(', ')}`, [...skipped].join() === processor.lacks.join()))
  }
  return checks
}

const answers = (action: string[], env: Record<string, string>, target: string[] = []) =>
  run(['cargo', 'run', '--release', '--locked', ...target, '-p', 'routewright-core', '--example', 'answers', '--', ...action], env)

/** One check of this machine, and one of each path of each processor. */
async function wholeSearches(image: string): Promise<boolean[]> {
  const built = await answers(['build', image], {})
  const own = await answers(['print', image], {})
  const used = (ran: Ran) => /^kernels: (\S+)$/m.exec(ran.log)?.[1]
  const lines = own.out.split('\n').length - 1
  const answered = built.code === 0 && own.code === 0 && lines > 0
  if (!check(`this machine (${used(own)}): an image, and ${lines} lines of answers`, answered, built.log + own.log)) return [false]
  const checks = [true]
  for (const { name, kernels } of processors) {
    for (const path of kernels) {
      const ran = await answers(['print', image], { ...arm, QEMU_CPU: name, ROUTEWRIGHT_KERNELS: path }, ['--target', triple])
      const alike = used(ran) === path && ran.out === own.out
      checks.push(check(`${name}, ${path}: answers, walks and the bits of their scores are this machine's`, alike, ran.log))
    }
  }
  return checks
}

const reason = missing()
if (reason) {
  console.error(`SKIPPED test:neon: ${reason}`)
} else {
  const image = mkdtempSync(join(tmpdir(), 'routewright-arm-'))
  const checks: boolean[] = []
  try {
    for (const processor of processors) checks.push(...(await tests(processor)))
    checks.push(...(await wholeSearches(image)))
  } finally {
    rmSync(image, { recursive: true, force: true })
  }
  const failed = checks.filter((holds) => !holds).length
  console.error(`test:neon: ${checks.length - failed} ok, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}
