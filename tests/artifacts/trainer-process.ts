/**
 * A trainer as a process of its own, for tests that kill it: takes the lock, sweeps, publishes slowly, again and again.
 * Prints what it does; exits 75 when the lock is held.
 * Arguments: models folder, how often to publish, ms to hold the lock afterwards.
 */
import { writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { acquireTrainerLock } from '../../server/artifacts/trainer-lock'
import { publishVersion, sweepStaging } from '../../server/artifacts/version-directory'
import { DomainError } from '../../server/domain/error'
import { sampleBody, sampleBytes } from './sample-version'

const [modelsDirectory, times, holdMs] = process.argv.slice(2)
try {
  const lock = acquireTrainerLock(modelsDirectory, {
    holder: { pid: process.pid, host: hostname(), startedAt: new Date().toISOString(), command: 'trainer-process' },
  })
  console.log('locked')
  await sweepStaging(modelsDirectory)
  for (let round = 0; round < Number(times); round++) {
    const { version } = await publishVersion({
      modelsDirectory,
      now: new Date(),
      write: async (staging) => {
        for (let file = 0; file < 8; file++) await writeFile(join(staging, `part-${file}.bin`), sampleBytes(200_000, file + 1))
        return sampleBody
      },
    })
    console.log(version)
  }
  await Bun.sleep(Number(holdMs))
  lock.release()
} catch (error) {
  if (!(error instanceof DomainError)) throw error
  console.error(JSON.stringify({ code: error.code, message: error.message }))
  process.exit(error.exitCode)
}
