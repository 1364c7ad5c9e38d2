import { describe, expect, test } from 'bun:test'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { readManifest, verifyFiles } from '../../server/artifacts/file-check'
import { acquireTrainerLock, readHolder } from '../../server/artifacts/trainer-lock'
import { isVersionName } from '../../server/artifacts/version-name'
import { DomainError } from '../../server/domain/error'
import { temporaryDirectory } from './sample-version'

const holder = { pid: process.pid, host: hostname(), startedAt: '2026-11-21T08:00:00.000Z', command: 'train' }
const script = join(import.meta.dir, 'trainer-process.ts')
const trainer = (models: string, times: number, holdMs: number) =>
  Bun.spawn([process.execPath, script, models, String(times), String(holdMs)], { stdout: 'pipe', stderr: 'pipe' })

/** Resolves when the process has printed its first line. */
async function firstLine(process: { stdout: ReadableStream<Uint8Array> }): Promise<string> {
  const reader = process.stdout.getReader()
  const { value } = await reader.read()
  reader.releaseLock()
  return new TextDecoder().decode(value).trim()
}

describe('the lock of the trainer', () => {
  test('is refused to a second one at once, by name of the holder, and is free after the release', () => {
    const models = temporaryDirectory()
    const lock = acquireTrainerLock(models, { holder })
    expect(readHolder(models)).toEqual(holder)
    const started = performance.now()
    let refusal: unknown
    try {
      acquireTrainerLock(models, { holder })
    } catch (error) {
      refusal = error
    }
    expect(performance.now() - started).toBeLessThan(500)
    expect(refusal).toBeInstanceOf(DomainError)
    expect(refusal).toMatchObject({ code: 'training_locked', exitCode: 75 })
    expect((refusal as DomainError).message).toContain(`process ${process.pid}`)
    lock.release()
    lock.release()
    expect(readHolder(models)).toBeNull()
    acquireTrainerLock(models, { holder }).release()
  })

  test('does not trust a note that no living process wrote', async () => {
    const models = temporaryDirectory()
    const lock = acquireTrainerLock(models, { holder })
    for (const note of ['', '{', '[]', '{"pid":0}', '{"pid":4194000,"host":"H","startedAt":"t","command":"c"}'.replace('H', hostname())]) {
      writeFileSync(join(models, '.lock.json'), note)
      expect(() => acquireTrainerLock(models, { holder })).toThrow('only just started')
    }
    lock.release()
  })

  test('goes to exactly one of 16 trainers that start together', async () => {
    const models = temporaryDirectory()
    const keeper = trainer(models, 0, 60_000)
    expect(await firstLine(keeper)).toBe('locked')
    const others = Array.from({ length: 15 }, () => trainer(models, 0, 60_000))
    const endings = await Promise.all(
      others.map(async (other) => ({ exit: await other.exited, text: await new Response(other.stderr).text() })),
    )
    for (const { exit, text } of endings) {
      expect(exit).toBe(75)
      expect(JSON.parse(text).message).toContain(`process ${keeper.pid}`)
    }
    keeper.kill('SIGKILL')
    await keeper.exited
    acquireTrainerLock(models, { holder }).release()
  }, 30_000)

  test('16 started at once without a keeper: one gets it', async () => {
    const models = temporaryDirectory()
    const all = Array.from({ length: 16 }, () => trainer(models, 0, 60_000))
    const outcomes = await Promise.all(
      all.map((one) =>
        Promise.race([one.exited.then((exit) => String(exit)), firstLine(one).then((line) => line || one.exited.then(String))]),
      ),
    )
    expect(outcomes.filter((outcome) => outcome === 'locked')).toHaveLength(1)
    expect(outcomes.filter((outcome) => outcome === '75')).toHaveLength(15)
    for (const one of all) one.kill('SIGKILL')
    await Promise.all(all.map((one) => one.exited))
  }, 30_000)
})

test('a trainer killed at any moment leaves no half version, a free lock, and staging for the next to sweep', async () => {
  const models = temporaryDirectory()
  let published = 0
  for (let round = 0; round < 12; round++) {
    const victim = trainer(models, 1_000, 0)
    expect(await firstLine(victim)).toStartWith('locked')
    await Bun.sleep((round * 37) % 160)
    victim.kill('SIGKILL')
    await victim.exited
    const lock = acquireTrainerLock(models, { holder })
    lock.release()
    const versions = readdirSync(models).filter((name) => !name.startsWith('.'))
    expect(versions.filter((name) => !isVersionName(name))).toEqual([])
    for (const version of versions.slice(published)) {
      const directory = join(models, version)
      const { manifest } = await readManifest(directory, { version })
      expect(await verifyFiles(directory, manifest)).toMatchObject({ files: 8 })
    }
    published = versions.length
  }
  const successor = trainer(models, 1, 0)
  expect(await successor.exited).toBe(0)
  expect(readdirSync(join(models, '.staging'))).toEqual([])
  expect(existsSync(join(models, '.lock.json'))).toBe(false)
  expect(published).toBeGreaterThan(0)
}, 60_000)
