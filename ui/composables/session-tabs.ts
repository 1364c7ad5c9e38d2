/** The tabs of one browser share the session: what one does to it the others learn. */
import { onScopeDispose } from 'vue'
import { useSession } from './session'
import { sessionKeeper } from './session-keeper'

const CHANNEL = 'routewright.session'

export function tellTabs(news: 'in' | 'out'): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage(news)
  channel.close()
}

/** Called once, by the application. */
export function followSession(): void {
  const session = useSession()
  const channel = new BroadcastChannel(CHANNEL)
  sessionKeeper.whenEnded(() => session.askAgain())
  channel.onmessage = async ({ data }) => {
    if (data === 'out' && session.me !== null) void session.askAgain()
    if (data === 'in' && session.ended) await session.comeBack()
  }
  onScopeDispose(() => channel.close())
}
