/** Stamps of verified files: see server/artifacts/file-check.ts for what they vouch for. */
import { and, eq, gte, lt, max, sql } from 'drizzle-orm'
import type { Db } from './open'
import { fileStamps } from './schema'
import { writeTransaction } from './write-transaction'

export type StoredStamp = typeof fileStamps.$inferSelect

export function findStamp(db: Db, path: string): StoredStamp | undefined {
  return db
    .select({
      path: fileStamps.path,
      dev: fileStamps.dev,
      ino: fileStamps.ino,
      size: fileStamps.size,
      mtimeNs: fileStamps.mtimeNs,
      ctimeNs: fileStamps.ctimeNs,
      sha256: fileStamps.sha256,
      verifiedAtMs: fileStamps.verifiedAtMs,
    })
    .from(fileStamps)
    .where(eq(fileStamps.path, path))
    .get()
}

/** When files of a folder were last read and found to be right, Unix ms; null when that is not known. */
export function newestStampBelow(db: Db, directory: string): number | null {
  const below = and(gte(fileStamps.path, `${directory}/`), lt(fileStamps.path, `${directory}0`))
  return (
    db
      .select({ at: max(fileStamps.verifiedAtMs) })
      .from(fileStamps)
      .where(below)
      .get()?.at ?? null
  )
}

export function saveStamps(db: Db, stamps: StoredStamp[]): Promise<void> {
  return writeTransaction(db, (tx) => {
    for (const stamp of stamps) {
      const { path: _, ...fields } = stamp
      tx.insert(fileStamps).values(stamp).onConflictDoUpdate({ target: fileStamps.path, set: fields }).run()
    }
    // Stamps of versions that were deleted would only pile up; a stamp lost costs one reading.
    tx.run(sql`delete from file_stamps where path not in (select path from file_stamps order by verified_at desc limit 1000)`)
  })
}
