/** One Chromium for the run; every page watches for what must never happen: another origin, an error on the console. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { type Account, logIn } from './account'

export interface Watched {
  page: Page
  /** Requests that left the server's own origin. */
  foreign: string[]
  /** Errors and warnings of the page itself; failed requests are listed by the browser as errors and left to the tests. */
  errors: string[]
  close: () => Promise<void>
}
export interface PageOptions {
  locale?: 'ko-KR' | 'en-US'
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  /** Who is logged in; nobody unless told. */
  account?: Account | null
}

export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.ROUTEWRIGHT_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] })

export async function openPage(
  browser: Browser,
  url: string,
  { locale = 'ko-KR', theme = 'light', width = 1440, height = 900, account = null }: PageOptions = {},
): Promise<Watched> {
  const options: BrowserContextOptions = { baseURL: url, viewport: { width, height }, colorScheme: theme, locale, reducedMotion: 'reduce' }
  const context = await browser.newContext(options)
  if (account !== null) await logIn(context, account)
  const page = await context.newPage()
  const foreign: string[] = []
  const errors: string[] = []
  page.on('request', (request) => {
    const to = request.url()
    if (!to.startsWith(`${url}/`) && !to.startsWith('data:')) foreign.push(to)
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !message.text().startsWith('Failed to load resource')) errors.push(message.text())
  })
  page.on('pageerror', (error) => errors.push(error.message))
  return { page, foreign, errors, close: () => context.close() }
}
