/** The built screens in a real browser against the real server (see browser/plant-server.ts for which one). */
import { afterAll, beforeAll, expect, setDefaultTimeout } from 'bun:test'
import type { Browser } from 'playwright-core'
import { accessibility } from './browser/accessibility'
import { openPage, startBrowser } from './browser/browser'
import { evidence } from './browser/evidence'
import { habits } from './browser/habits'
import { journeys, type Stage } from './browser/journeys'
import { type PlantServer, startPlantServer } from './browser/plant-server'
import { quality } from './browser/quality'

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

const stage: Stage = {
  server: () => server,
  onPage: async (act, options) => {
    const watched = await openPage(browser, server.url, options)
    try {
      await act(watched.page, watched)
      expect({ foreign: watched.foreign, errors: watched.errors }).toEqual({ foreign: [], errors: [] })
    } finally {
      await watched.close()
    }
  },
}
journeys(stage)
evidence(stage)
quality(stage)
habits(stage)
accessibility(stage)
