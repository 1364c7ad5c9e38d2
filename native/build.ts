/**
 * Builds the native addon and puts it where the engine loads it: `native/addon/routewright.node`.
 * `bun native/build.ts` does nothing when no source changed; `--types` writes `binding.d.ts` anew as well.
 */
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = import.meta.dir
const addonFile = join(folder, 'addon', 'routewright.node')
const target = process.env.CARGO_TARGET_DIR ?? join(folder, 'target')
const stampFile = join(target, 'addon.stamp')

/** Name of the library that cargo writes on this system. */
function libraryName(): string {
  if (process.platform === 'win32') return 'routewright_addon.dll'
  return process.platform === 'darwin' ? 'libroutewright_addon.dylib' : 'libroutewright_addon.so'
}

function sourceFiles(): string[] {
  const manifests = ['Cargo.toml', 'Cargo.lock', 'core/Cargo.toml', 'addon/Cargo.toml', 'addon/build.rs']
  const sources = ['core/src', 'addon/src'].flatMap((part) =>
    readdirSync(join(folder, part), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.rs'))
      .map((name) => join(part, name)),
  )
  return [...manifests, ...sources.sort()].filter((name) => existsSync(join(folder, name)))
}

/** One hash of all that the library is made of, and for which machine. */
function sourceHash(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const name of sourceFiles()) hash.update(`${name}\n`).update(readFileSync(join(folder, name)))
  return hash.digest('hex')
}

function missingTool(): string | null {
  if (!Bun.which('cargo')) return 'cargo is missing: install Rust from https://rustup.rs, then run this again'
  if (process.platform === 'win32' || process.env.CXX) return null // cargo finds the Microsoft compiler by itself
  if (['c++', 'g++', 'clang++'].some((name) => Bun.which(name))) return null
  const hint = process.platform === 'darwin' ? 'xcode-select --install' : 'apt-get install g++ (or your system’s equal)'
  return `a C++ compiler is missing: ${hint}, then run this again`
}

async function run(command: string[]): Promise<void> {
  const child = Bun.spawn(command, { cwd: folder, stdout: 'inherit', stderr: 'inherit' })
  if ((await child.exited) !== 0) throw new Error(`${command.slice(0, 2).join(' ')} failed; its output above says why`)
}

async function writeTypes(): Promise<void> {
  const cli = join(folder, '..', 'node_modules', '@napi-rs', 'cli', 'dist', 'cli.js')
  const out = join(target, 'napi')
  mkdirSync(out, { recursive: true })
  await run([process.execPath, cli, 'build', '--release', '--manifest-path', 'addon/Cargo.toml', '--cwd', folder,
    '--package-json-path', 'addon/package.json', '--output-dir', out, '--no-js', '--dts', 'binding.d.ts']) // biome-ignore format: one command line
  copyFileSync(join(out, 'binding.d.ts'), join(folder, 'addon', 'binding.d.ts'))
}

/** Builds when a source changed since the last build. Throws an Error of one line that says what to do. */
export async function buildAddon({ types = false, force = false } = {}): Promise<'built' | 'unchanged'> {
  const stamp = sourceHash()
  const current = existsSync(addonFile) && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp
  if (current && !types && !force) return 'unchanged'
  const problem = missingTool()
  if (problem) throw new Error(problem)
  await run(['cargo', 'build', '--release', '--locked', '-j', String(Math.max(1, navigator.hardwareConcurrency))])
  // By rename: a process that has the old library mapped keeps it whole.
  copyFileSync(join(target, 'release', libraryName()), `${addonFile}.new`)
  renameSync(`${addonFile}.new`, addonFile)
  if (types) await writeTypes()
  writeFileSync(stampFile, sourceHash())
  return 'built'
}

if (import.meta.main) {
  const flags = process.argv.slice(2)
  try {
    const outcome = await buildAddon({ types: flags.includes('--types'), force: flags.includes('--force') })
    console.error(`native addon: ${outcome}`)
  } catch (error) {
    console.error(`native addon: ${error instanceof Error ? error.message : error}`)
    process.exit(1)
  }
}
