/** The built screens in a real browser against the real server (see browser/plant-server.ts for which one). */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Browser, Page } from 'playwright-core'
import { accessibility } from './browser/accessibility'
import { openPage, type PageOptions, startBrowser, type Watched } from './browser/browser'
import { evidence } from './browser/evidence'
import { filter } from './browser/filter'
import { habits } from './browser/habits'
import { journeys, type Stage } from './browser/journeys'
import { operations } from './browser/operations'
import { operationsAccessibility } from './browser/operations-accessibility'
import { people } from './browser/people'
import { peopleAccessibility } from './browser/people-accessibility'
import { type PlantServer, startPlantServer } from './browser/plant-server'
import { quality } from './browser/quality'
import { serviceJourney } from './browser/service-journey'

setDefaultTimeout(60_000)
let server: PlantServer
let browser: Browser
beforeAll(async () => {
  server = await startPlantServer()
  browser = await startBrowser()
}, 300_000)
afterAll(async () => {
  await browser?.close()
  await server?.stop()
})

async function on(url: string, act: (page: Page, watched: Watched) => Promise<void>, options: PageOptions): Promise<void> {
  const watched = await openPage(browser, url, options)
  try {
    await act(watched.page, watched)
    expect({ foreign: watched.foreign, errors: watched.errors }).toEqual({ foreign: [], errors: [] })
  } finally {
    await watched.close()
  }
}
const stage: Stage = {
  server: () => server,
  onPage: (act, options) => on(server.url, act, { account: server.admin, ...options }),
  onServer: (url, act, options = {}) => on(url, act, options),
}
people(stage)
serviceJourney(stage)
journeys(stage)
evidence(stage)
filter(stage)
quality(stage)
operations(stage)
habits(stage)
accessibility(stage)
operationsAccessibility(stage)
peopleAccessibility(stage)
