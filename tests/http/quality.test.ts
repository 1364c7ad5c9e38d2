/** Quality, report and comparison of versions over HTTP, from a registry with versions of known figures. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { publishVersion } from '../../server/artifacts/version-directory'
import { reportHtml } from '../../server/pipeline/evaluate/report-html'
import { register } from '../../server/pipeline/registry'
import { compareVersions, getQuality } from '../../server/pipeline/version-quality'
import { closeStore, type Db, openStore } from '../../server/store/open'
import { sampleBody, temporaryDirectory } from '../artifacts/sample-version'
import { report } from '../domain/sample-report'
import { startApp } from './sample-app'

const models = temporaryDirectory()
let db: Db
let app: ReturnType<typeof startApp>
const versions: string[] = []

beforeAll(async () => {
  db = openStore(':memory:')
  for (const quality of [report(90), report(60), null]) {
    const { version, directory } = await publishVersion({
      modelsDirectory: models,
      now: new Date('2026-11-21T08:00:00Z'),
      taken: versions,
      write: async (folder) => {
        await Bun.write(join(folder, 'golden.jsonl'), '')
        if (quality !== null) await Bun.write(join(folder, 'quality.json'), JSON.stringify(quality))
        return sampleBody
      },
    })
    chmodSync(directory, 0o755)
    await register(db, models, { version, who: 'trainer' })
    versions.push(version)
  }
  app = startApp({
    modelQuality: (version) => getQuality(db, models, version),
    modelReport: async (version, lang) => reportHtml(await getQuality(db, models, version), { version, lang }),
    compareModels: (a, b) => compareVersions(db, models, a, b),
  })
})
afterAll(async () => {
  await app.stop()
  closeStore(db)
})

describe('GET /api/v1/models', () => {
  test('/:version/quality is the report as it lies in the version', async () => {
    const answer = await app.call(`/api/v1/models/${versions[0]}/quality`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(report(90))
  })

  test('/:version/report is a page that asks for nothing, in the language asked for', async () => {
    for (const lang of ['en', 'ko']) {
      const answer = await app.call(`/api/v1/models/${versions[0]}/report?lang=${lang}`)
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
      const html = await answer.text()
      expect(html).toContain(`<html lang="${lang}">`)
      expect(html).toContain('Of 100 new items, 90 drafts need no edit.')
      expect(html).toContain('신규 품목 100건 중 90건')
      expect(html).not.toMatch(/<script|(src|href)="(?!data:)|url\(|@import/)
    }
    expect((await app.call(`/api/v1/models/${versions[0]}/report?lang=fr`)).status).toBe(422)
  })

  test('/compare sets two side by side', async () => {
    const answer = await app.call(`/api/v1/models/compare?a=${versions[1]}&b=${versions[0]}`)
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      a: versions[1],
      b: versions[0],
      verdict: 'worse',
      reasons: [expect.stringContaining('EM@1'), expect.stringContaining('Levenshtein')],
    })
    const unmeasured = await app.call(`/api/v1/models/compare?a=${versions[2]}&b=${versions[0]}`)
    expect(await unmeasured.json()).toMatchObject({ verdict: 'unknown', reasons: [] })
  })

  test.each([
    ['/2020.01.01_1/quality', 404, 'version_unknown'],
    ['/2020.01.01_1/report', 404, 'version_unknown'],
    ['/compare?a=2020.01.01_1&b=2020.01.01_2', 404, 'version_unknown'],
    ['/compare?a=2020.01.01_1', 422, 'invalid_value'],
    ['/..%2f..%2fetc/quality', 422, 'invalid_value'],
    ['/compare?a=../x&b=2020.01.01_2', 422, 'invalid_value'],
  ])('%s is a problem', async (path, status, code) => {
    const answer = await app.call(`/api/v1/models${path}`)
    expect(answer.status).toBe(status)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(await answer.json()).toMatchObject({ code })
  })

  test('a version without a report says so', async () => {
    for (const what of ['quality', 'report']) {
      const answer = await app.call(`/api/v1/models/${versions[2]}/${what}`)
      expect(answer.status).toBe(404)
      expect(await answer.json()).toMatchObject({ code: 'not_found', message: expect.stringContaining('without a quality report') })
    }
  })
})
