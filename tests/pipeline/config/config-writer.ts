/**
 * A process that changes the configuration. `patch DATABASE NAME WRITERS PATCHES`: each writer moves a weight of its own, again whenever
 * somebody else was first. `one-by-one DATABASE`: says `start` before and `done REVISION` after each change, until it is killed.
 */
import { writeSync } from 'node:fs'
import { DomainError } from '../../../server/domain/error'
import { createConfigStore } from '../../../server/pipeline/config/config-store'
import { closeStore, openStore } from '../../../server/store/open'

const [mode, path, name, writers, patches] = process.argv.slice(2)
const db = openStore(path)
const store = createConfigStore({ db, mirrorPath: null })
const actor = { id: null, name: name ?? 'writer', requestId: null }
let stale = 0

async function write(writer: string): Promise<void> {
  for (let step = 1; step <= Number(patches); ) {
    const ifMatch = store.current().revision
    // others have their turn between reading and writing, as between a GET and a PATCH
    await Bun.sleep(Math.random())
    try {
      await store.patch(actor, { ifMatch, patch: { search: { weights: { [writer]: step / 1_000 } } } })
      step++
    } catch (error) {
      if (!(error instanceof DomainError) || (error.code !== 'stale_revision' && error.code !== 'busy')) throw error
      if (error.code === 'stale_revision') stale++
    }
  }
}

if (mode === 'patch') {
  store.start()
  await Promise.all(Array.from({ length: Number(writers) }, (_, at) => write(`${name}-${at}`)))
  await store.close()
  closeStore(db)
  process.stdout.write(`${JSON.stringify({ stale })}\n`)
} else {
  for (let topK = 1; ; topK = (topK % 50) + 1) {
    writeSync(1, 'start\n')
    const { revision } = await store.patch(actor, { ifMatch: store.current().revision, patch: { search: { topK } } })
    writeSync(1, `done ${revision}\n`)
  }
}
