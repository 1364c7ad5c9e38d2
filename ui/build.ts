/** Builds the screens into ui/dist, with a brotli and a gzip variant beside every text file that is worth it. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

/** Below this size compression saves no packet. */
const WORTH_BYTES = 1_400
/** What a first visit may load, gzipped. */
const FIRST_LOAD_BYTES_MAX = 250_000

const output = join(import.meta.dirname, 'dist')

/** Writes `name.br` and `name.gz`; bytes of the gzipped one. */
function compress(file: string): number {
  const bytes = readFileSync(file)
  if (bytes.length < WORTH_BYTES) return bytes.length
  const packed = gzipSync(bytes, { level: 9 })
  writeFileSync(`${file}.gz`, packed)
  const parameters = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params: parameters }))
  return packed.length
}

/** Script that index.html asks for at once, gzipped. */
function firstLoad(sizes: ReadonlyMap<string, number>): number {
  const page = readFileSync(join(output, 'index.html'), 'utf8')
  const scripts = [...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1])
  return scripts.reduce((sum, name) => sum + (sizes.get(name) ?? 0), 0)
}

rmSync(output, { recursive: true, force: true })
await build({ configFile: join(import.meta.dirname, 'vite.config.ts'), logLevel: 'warn' })

const sizes = new Map<string, number>()
for (const name of readdirSync(output, { recursive: true, encoding: 'utf8' })) {
  const file = join(output, name)
  if (statSync(file).isFile() && /\.(html|js|css|svg|json|txt)$/.test(name)) sizes.set(name.replaceAll('\\', '/'), compress(file))
}
const bytes = firstLoad(sizes)
console.log(`ui: built, first load ${(bytes / 1000).toFixed(0)} kB of gzipped script (at most ${FIRST_LOAD_BYTES_MAX / 1000} kB)`)
if (bytes > FIRST_LOAD_BYTES_MAX) {
  console.error('ui: the first load is over its budget')
  process.exit(1)
}
