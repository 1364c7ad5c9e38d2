/** A server that stops in good order: whoever sends it requests hears of it first, what is under way is finished. */

export interface DrainOptions {
  server: Pick<Bun.Server<undefined>, 'stop'>
  /** How long to go on serving, so that a load balancer sees that this one is not ready any more, ms. */
  graceMs: number
  /** Ends what would go on for ever: streams of events. */
  endStreams?: () => void
}

/**
 * Every answer of this time closes its connection, so that clients which keep theirs open come to know without losing a request: the
 * runtime closes idle connections the moment it stops, and a request that is just on its way there would be lost.
 */
const lastCallMs = 50
/** What is under way has this long to finish. */
const underWayMsMax = 15_000

/** Expects that answers say `connection: close` already. Ends when nothing is under way any more. */
export async function drain({ server, graceMs, endStreams = () => {} }: DrainOptions): Promise<void> {
  await Bun.sleep(Math.max(graceMs, lastCallMs))
  endStreams()
  // not by the number of pending requests: that falls while the end of an answer still waits for a reader
  await Promise.race([server.stop(false), Bun.sleep(underWayMsMax)])
}
