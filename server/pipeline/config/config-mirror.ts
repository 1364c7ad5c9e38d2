/**
 * `runtime_config.json` beside the database: the valid configuration for people to read. The database is the truth: the file is
 * written from it at the start and with every change, and never read back. Whoever edits it by hand is told so by health.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import type { ConfigSnapshot } from './snapshot'

export type MirrorEvent = { event: 'config.edited_by_hand'; revision: number } | { event: 'config.mirror_failed'; code: string }

export interface ConfigMirror {
  /** Writes in the background what is valid now; never throws. */
  write(snapshot: ConfigSnapshot): void
  /** Looks whether the file is as it was written, and writes again what could not be written. Never throws. */
  check(): Promise<void>
  /** Why the file is not what is valid; null when it is. */
  problem(): string | null
  /** When all is written that was to be written. */
  settled(): Promise<void>
}

/** @param path null for a database in memory: nothing is written */
export function createMirror({ path, report }: { path: string | null; report: (event: MirrorEvent) => void }): ConfigMirror {
  let valid: ConfigSnapshot | null = null
  let writing = Promise.resolve()
  let problem: string | null = null
  let isEdited = false

  const edited = (revision: number) => {
    if (!isEdited) report({ event: 'config.edited_by_hand', revision })
    isEdited = true
  }
  const attempt = async (act: () => Promise<void>) => {
    try {
      await act()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? 'internal'
      const next = `the file cannot be written (${code})`
      if (problem !== next) report({ event: 'config.mirror_failed', code })
      problem = next
    }
  }
  const save = async () => {
    if (path === null || valid === null) return
    const text = mirrorText(valid)
    const there = await readIfThere(path)
    if (there !== text) {
      if (there !== null && !isOurs(there)) edited(valid.revision)
      // other workers write the same file
      const temporary = `${path}.${process.pid}.tmp`
      try {
        await writeFile(temporary, text)
        await rename(temporary, path)
      } finally {
        await rm(temporary, { force: true })
      }
    }
    problem = null
    isEdited = false
  }
  const look = async () => {
    if (path === null || valid === null) return
    if (problem !== null) return save()
    const there = await readIfThere(path)
    if (there === null) return save()
    if (!isOurs(there)) return edited(valid.revision)
    isEdited = false
    // of a worker that was late; a newer one is of a worker that was first
    if ((JSON.parse(there) as { revision: number }).revision < valid.revision) await save()
  }
  const queue = (act: () => Promise<void>): Promise<void> => {
    writing = writing.then(() => attempt(act))
    return writing
  }
  return {
    write: (snapshot) => {
      valid = snapshot
      void queue(save)
    },
    check: () => queue(look),
    problem: () => problem ?? (isEdited ? 'it was edited by hand; edits are not read and go with the next change' : null),
    settled: () => writing,
  }
}

/** Two spaces, for people; the hash makes an edit by hand visible. */
export function mirrorText({ revision, config, head }: ConfigSnapshot): string {
  const by =
    head === null ? 'the defaults' : `revision ${revision} by ${head.author}, ${head.at}${head.note === '' ? '' : `: ${head.note}`}`
  const body = {
    comment: `Written by Routewright from its database: ${by}. Edits here are not read; use the configuration page or routewright config set.`,
    revision,
    author: head?.author ?? null,
    at: head?.at ?? null,
    config,
  }
  return `${JSON.stringify({ ...body, check: hashOf(body) }, null, 2)}\n`
}

/** Whether a text is one that the product wrote, of whatever revision. */
function isOurs(text: string): boolean {
  try {
    const { check, ...body } = JSON.parse(text) as Record<string, unknown>
    return check === hashOf(body)
  } catch {
    return false
  }
}

const hashOf = (body: object): string => new Bun.CryptoHasher('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16)

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
