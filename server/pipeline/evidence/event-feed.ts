/**
 * What changed, for those who look: the database is asked four times a second for the whole process, however many listen, and not at
 * all while nobody does. Other processes' changes come the same way.
 */
import type { ActivationIntent } from '../../contract/activation'
import type { LiveEvent, LiveEventName } from '../../contract/event'
import type { TrainingJob } from '../../contract/training-job'
import type { ModelState } from '../../contract/version'

/** What the feed asks; each costs some microseconds. */
export interface FeedSources {
  model: () => ModelState
  configRevision: () => number
  /** The newest few. */
  intents: () => ActivationIntent[]
  pendingAccounts: () => number
  jobs: () => TrainingJob[]
}

export interface FeedOptions {
  sources: FeedSources
  pollMs?: number
  now?: () => Date
}

/** An event as it goes out, made once for all. */
export interface FeedMessage {
  event: LiveEventName
  /** In the form of server-sent events. */
  bytes: Uint8Array
}

export type Send = (message: FeedMessage) => void

export interface EventFeed {
  /** Sends what is now, then each change; returns the end of it. Admins hear more. */
  subscribe: (listener: { admin: boolean; send: Send }) => () => void
  /** Asks once, now. */
  poll: () => void
  close: () => void
}

const POLL_MS = 200
const MINUTE_MS = 60_000
/** The figures of a minute are written by all processes some seconds after its end. */
const MINUTE_DELAY_MS = 7_000
const forAll: ReadonlySet<LiveEventName> = new Set(['model', 'config'])
const openIntents: ReadonlySet<ActivationIntent['status']> = new Set(['preparing', 'probation'])
const openJobs: ReadonlySet<TrainingJob['status']> = new Set(['queued', 'running'])

export function createEventFeed({ sources, pollMs = POLL_MS, now = () => new Date() }: FeedOptions): EventFeed {
  const listeners = new Set<{ admin: boolean; send: Send }>()
  /** Of each thing what was sent last: `activation 7` → its JSON. */
  let known = new Map<string, string>()
  let lastId = 0
  let timer: ReturnType<typeof setInterval> | null = null

  const message = ({ event, data }: LiveEvent): FeedMessage => {
    // grows over restarts and processes too, as far as clocks agree
    lastId = Math.max(lastId + 1, now().getTime())
    return { event, bytes: Buffer.from(`id: ${lastId}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`) }
  }

  const poll = () => {
    const found = read(sources, now())
    if (found === null) return
    const fresh = found.filter(({ key, text }) => known.get(key) !== text)
    known = new Map(found.map(({ key, text }) => [key, text]))
    for (const { event } of fresh) tell(message(event))
  }
  const tell = (told: FeedMessage) => {
    for (const { admin, send } of [...listeners]) if (admin || forAll.has(told.event)) send(told)
  }

  return {
    subscribe: (listener) => {
      if (listeners.size === 0) {
        // what happened while nobody listened is no change to anybody
        known = new Map((read(sources, now()) ?? []).map(({ key, text }) => [key, text]))
        timer = setInterval(poll, pollMs)
        timer.unref()
      }
      listeners.add(listener)
      for (const { event, initial } of read(sources, now()) ?? []) {
        if (initial && (listener.admin || forAll.has(event.event))) listener.send(message(event))
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0 || timer === null) return
        clearInterval(timer)
        timer = null
      }
    },
    poll,
    close: () => {
      if (timer !== null) clearInterval(timer)
      timer = null
      listeners.clear()
    },
  }
}

interface Found {
  key: string
  text: string
  event: LiveEvent
  /** Sent to who has just come. */
  initial: boolean
}

/** null while the database cannot be read: what listens hears nothing new. */
function read(sources: FeedSources, now: Date): Found[] | null {
  try {
    const minute = Math.floor((now.getTime() - MINUTE_DELAY_MS) / MINUTE_MS) - 1
    const events: { key: string; event: LiveEvent; initial: boolean }[] = [
      { key: 'model', event: { event: 'model', data: sources.model() }, initial: true },
      { key: 'config', event: { event: 'config', data: { revision: sources.configRevision() } }, initial: true },
      { key: 'accounts', event: { event: 'accounts', data: { pending: sources.pendingAccounts() } }, initial: true },
      { key: 'minute', event: { event: 'minute', data: { minute } }, initial: false },
      // the oldest first, as they happened
      ...sources
        .intents()
        .toReversed()
        .map((data) => ({
          key: `activation ${data.id}`,
          event: { event: 'activation' as const, data },
          initial: openIntents.has(data.status),
        })),
      ...sources
        .jobs()
        .toReversed()
        .map((data) => ({ key: `job ${data.id}`, event: { event: 'job' as const, data }, initial: openJobs.has(data.status) })),
    ]
    return events.map((one) => ({ ...one, text: JSON.stringify(one.event.data) }))
  } catch {
    return null
  }
}
