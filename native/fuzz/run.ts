/**
 * Fuzzes the readers of files: `bun native/fuzz/run.ts [--seconds 60] [--address] [image | usearch_file …]`. Builds the targets
 * with the coverage that libFuzzer needs, by stable Rust and without another tool. `--address` adds AddressSanitizer (Linux, x86-64),
 * which the compiler takes with `RUSTC_BOOTSTRAP=1` only, so it is not the default; readers have no unsafe code, the kernels that walk
 * an accepted image have. What is found lies in `native/fuzz/artifacts`, what was learned in `native/fuzz/target/corpus`; the committed corpus stays as it is.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'

const folder = import.meta.dir
const all = ['image', 'usearch_file']
const triple = /host: (\S+)/.exec(Bun.spawnSync(['rustc', '-vV']).stdout.toString())?.[1] ?? ''

/** The coverage of libFuzzer: counters and comparisons (https://llvm.org/docs/LibFuzzer.html#fuzzer-usage). */
const coverage = [
  '--cfg=fuzzing',
  '-Cpasses=sancov-module',
  '-Cllvm-args=-sanitizer-coverage-level=4',
  '-Cllvm-args=-sanitizer-coverage-inline-8bit-counters',
  '-Cllvm-args=-sanitizer-coverage-pc-table',
  '-Cllvm-args=-sanitizer-coverage-trace-compares',
]

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  options: { seconds: { type: 'string', default: '60' }, address: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const targets = positionals.length > 0 ? positionals : all
const unknown = targets.find((name) => !all.includes(name))
if (unknown !== undefined || !/^[1-9]\d*$/.test(values.seconds)) {
  console.error(`usage: bun native/fuzz/run.ts [--seconds n] [--address] [${all.join(' | ')}]`)
  process.exit(2)
}

async function run(command: string[], env: Record<string, string> = {}): Promise<number> {
  const child = Bun.spawn(command, { cwd: folder, env: { ...process.env, ...env }, stdout: 'inherit', stderr: 'inherit' })
  return child.exited
}

const target = join(folder, 'target', values.address ? 'address' : 'plain')
const flags = values.address ? [...coverage, '-Zsanitizer=address'] : coverage
const built = await run(['cargo', 'build', '--release', '--locked', '--target', triple], {
  CARGO_TARGET_DIR: target,
  CARGO_ENCODED_RUSTFLAGS: flags.join('\x1f'),
  ...(values.address ? { RUSTC_BOOTSTRAP: '1' } : {}),
})
if (built !== 0) process.exit(built)

let failed = 0
for (const name of targets) {
  const learned = join(folder, 'target', 'corpus', name)
  const artifacts = join(folder, 'artifacts', name)
  for (const made of [learned, artifacts]) mkdirSync(made, { recursive: true })
  console.error(`== ${name}, ${values.seconds} s`)
  const options = [
    `-max_total_time=${values.seconds}`,
    '-max_len=65536',
    '-timeout=10',
    '-rss_limit_mb=2048',
    '-print_final_stats=1',
    '-verbosity=0',
  ]
  const corpora = [learned, join(folder, 'corpus', name)]
  const code = await run([join(target, triple, 'release', name), ...options, `-artifact_prefix=${artifacts}/`, ...corpora])
  if (code !== 0) failed++
}
console.error(failed === 0 ? 'nothing found' : `${failed} of ${targets.length} targets found something`)
process.exit(failed === 0 ? 0 : 1)
