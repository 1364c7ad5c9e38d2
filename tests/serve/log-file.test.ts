import { afterAll, describe, expect, test } from 'bun:test'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { type LogFileOptions, openLogFile } from '../../server/log-file'
import { until } from './live-server'

const root = mkdtempSync(join(tmpdir(), 'log-file-'))
afterAll(() => rmSync(root, { recursive: true }))

function setUp(name: string, options: Partial<LogFileOptions> = {}) {
  const directory = join(root, name)
  mkdirSync(directory, { recursive: true })
  const path = join(directory, 'app-0.ndjson')
  const file = openLogFile({ path, flushMs: 5, ...options })
  let seq = 0
  const write = (lines: number) => {
    for (let times = 0; times < lines; times++) file.write(`${JSON.stringify({ seq: seq++, text: 'x'.repeat(80) })}\n`)
  }
  return { directory, path, file, write }
}

/** All lines of the files of one log, archives first. A line that is torn throws. */
function linesIn(directory: string): { seq: number }[] {
  const names = readdirSync(directory).filter((name) => /\.ndjson(\.gz)?$/.test(name))
  const ordered = [...names.filter((name) => name !== 'app-0.ndjson').sort(), ...names.filter((name) => name === 'app-0.ndjson')]
  const texts = ordered.map((name) => {
    const bytes = readFileSync(join(directory, name))
    return name.endsWith('.gz') ? gunzipSync(bytes).toString() : bytes.toString()
  })
  return texts
    .join('')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
const seqs = (directory: string) => linesIn(directory).map(({ seq }) => seq)
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index)

describe('a log file', () => {
  test('is put aside when it is large, compressed, and only the newest are kept', async () => {
    const { directory, file, write } = setUp('rotated', { bytesMax: 4_000, filesMax: 5 })
    for (let round = 0; round < 12; round++) {
      write(50)
      await Bun.sleep(20)
    }
    await file.close()
    const packed = () => readdirSync(directory).filter((name) => name.endsWith('.gz')).length
    expect(await until(() => readdirSync(directory).length <= 6 && packed() === 5)).toBe(true)
    const kept = seqs(directory)
    expect(kept.at(-1)).toBe(599)
    expect(kept).toEqual(upTo(600).slice(600 - kept.length))
  })

  test('begins anew with the day', async () => {
    let day = new Date('2026-01-31T23:59:59Z')
    const { directory, file, write } = setUp('daily', { now: () => day })
    write(3)
    expect(await until(() => existsSync(join(directory, 'app-0.ndjson')) && seqs(directory).length === 3)).toBe(true)
    day = new Date('2026-02-01T00:00:01Z')
    write(2)
    await file.close()
    expect(readFileSync(join(directory, 'app-0.ndjson'), 'utf8').split('\n').length - 1).toBe(2)
    expect(seqs(directory)).toEqual(upTo(5))
  })

  test('renamed by a tool outside goes on under its name after SIGHUP, and loses nothing', async () => {
    const { directory, path, file, write } = setUp('renamed')
    write(5)
    expect(await until(() => existsSync(path))).toBe(true)
    renameSync(path, join(directory, 'app-0.1.ndjson'))
    file.reopen()
    write(5)
    await file.close()
    expect(statSync(path).size).toBeGreaterThan(0)
    expect(seqs(directory)).toEqual(upTo(10))
  })

  test('whose folder is removed comes back with it, by itself', async () => {
    const { directory, path, file, write } = setUp('gone/logs')
    write(5)
    expect(await until(() => existsSync(path))).toBe(true)
    rmSync(join(root, 'gone'), { recursive: true })
    write(5)
    expect(await until(() => file.status().problem !== null)).toBe(true)
    mkdirSync(join(root, 'gone'))
    expect(await until(() => existsSync(path))).toBe(true)
    await file.close()
    expect(seqs(directory)).toEqual([5, 6, 7, 8, 9])
    expect(file.status()).toEqual({ dropped: 0, waitingBytes: 0, problem: null })
  })

  test('left torn by a killed process is whole again before the first line is added', async () => {
    const { directory, path, file, write } = setUp('torn')
    appendFileSync(path, '{"seq":-1}\n{"seq":-2,"te')
    write(2)
    await file.close()
    expect(seqs(directory)).toEqual([-1, 0, 1])
  })
})

describe.if(process.platform === 'linux')('a full disk', () => {
  test('costs the oldest lines beyond the ring, counted, and nothing else; with space, writing goes on', async () => {
    const directory = join(root, 'full')
    mkdirSync(directory)
    const path = join(directory, 'app-0.ndjson')
    symlinkSync('/dev/full', path)
    const { file, write } = setUp('full', { ringBytesMax: 10_000 })
    write(500)
    expect(await until(() => file.status().problem === 'ENOSPC')).toBe(true)
    expect(file.status().waitingBytes).toBeLessThanOrEqual(10_000)
    rmSync(path)
    write(1)
    await file.close()
    const { dropped } = file.status()
    expect(dropped).toBeGreaterThan(300)
    expect(file.status()).toEqual({ dropped, waitingBytes: 0, problem: null })
    expect(seqs(directory)).toEqual(upTo(501).slice(dropped))
  })

  // A file system of its own that really runs full needs root; the test above needs nobody.
  if (process.getuid?.() === 0 && Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', root]).exitCode === 0) {
    Bun.spawnSync(['umount', root])
    test('tears no line and writes none twice, though it runs full in the middle of a batch', async () => {
      const directory = join(root, 'small')
      mkdirSync(directory)
      expect(Bun.spawnSync(['mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', directory]).exitCode).toBe(0)
      try {
        await Bun.write(join(directory, 'ballast'), new Uint8Array(300_000))
        const { file, write } = setUp('small')
        for (let round = 0; round < 40; round++) {
          write(100)
          await Bun.sleep(3)
        }
        expect(await until(() => file.status().problem === 'ENOSPC')).toBe(true)
        rmSync(join(directory, 'ballast'))
        expect(await until(() => file.status().problem === null && file.status().waitingBytes === 0)).toBe(true)
        await file.close()
        expect(file.status().dropped).toBe(0)
        expect(seqs(directory)).toEqual(upTo(4_000))
      } finally {
        Bun.spawnSync(['umount', directory])
      }
    })
  }
})

test('killed while it rotates, it loses nothing but the tail', async () => {
  const directory = join(root, 'killed')
  mkdirSync(directory)
  const path = join(directory, 'app-0.ndjson')
  const child = Bun.spawn([process.execPath, join(import.meta.dir, 'log-writer.ts'), path, '100000'], { stdout: 'pipe' })
  let told = ''
  for await (const chunk of child.stdout) {
    told += new TextDecoder().decode(chunk)
    if (told.split('\n').length > 40) child.kill('SIGKILL')
  }
  await child.exited
  // what a torn end would be is cut by the next process
  const next = openLogFile({ path, flushMs: 5 })
  next.write('{"seq":1000000000}\n')
  await next.close()
  // a file that was just being compressed is there twice until the next tidying
  const whole = linesIn(directory).filter(({ seq }) => seq < 1e9)
  const unique = [...new Set(whole.map(({ seq }) => seq))].sort((a, b) => a - b)
  expect(readdirSync(directory).length).toBeGreaterThan(20)
  expect(unique).toEqual(upTo(unique.length))
  expect(unique.length).toBeGreaterThan(30_000)
}, 30_000)
