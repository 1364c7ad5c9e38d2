/** Browsers from which a person logged in before. */
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { knownDevices } from './schema'
import type { Reader } from './user'
import type { Tx } from './write-transaction'

/** A browser that did not log in for so long is a stranger again, ms. */
export const DEVICE_MS_MAX = 180 * 86_400_000
const perPersonMax = 20

export const isKnownDevice = (db: Reader, { deviceHash, userId, now }: { deviceHash: string; userId: number; now: Date }): boolean =>
  db
    .select({ at: knownDevices.lastSeenAt })
    .from(knownDevices)
    .where(
      and(
        eq(knownDevices.deviceHash, deviceHash),
        eq(knownDevices.userId, userId),
        gt(knownDevices.lastSeenAt, now.getTime() - DEVICE_MS_MAX),
      ),
    )
    .get() !== undefined

/** Also forgets the oldest beyond 20 of the person, and all that are strangers again. */
export function noteDevice(tx: Tx, { deviceHash, userId, now }: { deviceHash: string; userId: number; now: Date }): void {
  const lastSeenAt = now.getTime()
  tx.insert(knownDevices)
    .values({ deviceHash, userId, lastSeenAt })
    .onConflictDoUpdate({ target: [knownDevices.deviceHash, knownDevices.userId], set: { lastSeenAt } })
    .run()
  tx.delete(knownDevices)
    .where(lt(knownDevices.lastSeenAt, lastSeenAt - DEVICE_MS_MAX))
    .run()
  tx.run(
    sql`delete from known_devices where user_id = ${userId} and device_hash in (select device_hash from known_devices where user_id = ${userId} order by last_seen_at desc limit -1 offset ${sql.raw(String(perPersonMax))})`,
  )
}

/** After a change of the password every browser is a stranger. */
export const forgetDevices = (tx: Tx, userId: number): void => void tx.delete(knownDevices).where(eq(knownDevices.userId, userId)).run()
