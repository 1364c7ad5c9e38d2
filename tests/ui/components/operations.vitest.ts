import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Component } from 'vue'
import AuditPage from '../../../ui/pages/AuditPage.vue'
import OpsPage from '../../../ui/pages/OpsPage.vue'
import { dashboard } from '../fixtures/dashboard'
import { type OwnAnswer, settle, show } from './mount'

beforeEach(() => {
  HTMLDialogElement.prototype.showModal ??= function (this: HTMLDialogElement) {
    this.open = true
  }
})
afterEach(() => {
  document.body.innerHTML = ''
  localStorage.clear()
})

async function page(component: Component, own: OwnAnswer = () => null) {
  const asked: string[] = []
  const shown = show(component, {
    own: (path, init) => {
      asked.push(path)
      return own(path, init)
    },
  })
  await settle()
  return { shown, asked }
}
const problem = (code: string, status: number) => Response.json({ code, message: code, requestId: 'r' }, { status })
const nothing = { requests: null, p50Ms: null, p95Ms: null, p99Ms: null, errorShare: null, shedShare: null, hitShare: null }

describe('the dashboard', () => {
  test('shows figures of the range, what was changed, and lines that break', async () => {
    const { shown } = await page(OpsPage)
    expect(shown.find('[data-tile=p95]').text()).toContain('4.1 ms')
    expect(shown.text()).toContain('설정 개정 4')
    const line = shown.find('[data-chart=rate] g > path[fill=none]').attributes('d')!
    expect(line.match(/M/g)!.length).toBeGreaterThan(1)
  })
  test('where nothing was recorded there is no figure, least of all a zero', async () => {
    const empty = { ...dashboard(null, ''), total: nothing, routes: [], annotations: [] }
    const { shown } = await page(OpsPage, (path) =>
      path.includes('/ops/dashboard') ? Response.json({ ...empty, series: empty.series.map(({ at }) => ({ at, ...nothing })) }) : null,
    )
    for (const tile of ['rate', 'p50', 'p95', 'errors', 'hits']) expect(shown.find(`[data-tile=${tile}]`).text()).toMatch(/자료 없음$/)
    expect(
      shown
        .findAll('[data-chart]')
        .map((chart) => chart.text())
        .filter((text) => text.includes('기록된 것이 없습니다')),
    ).toHaveLength(4)
    expect(shown.find('[data-chart=rate] g > path[fill=none]').attributes('d')).toBe('')
  })
  test('reads a point by the arrow keys', async () => {
    const { shown } = await page(OpsPage)
    const plot = shown.find('[data-chart=latency] [role=group]')
    await plot.trigger('keydown', { key: 'End' })
    expect(shown.find('[data-chart=latency]').text()).toMatch(/p50 [\d.]+ · p95 [\d.]+ · p99 [\d.]+/)
  })
  test('paused it asks no more', async () => {
    const { shown, asked } = await page(OpsPage)
    await shown
      .findAll('button')
      .find((each) => each.text() === '멈춤')!
      .trigger('click')
    expect(shown.text()).toContain('멈췄습니다')
    const before = asked.length
    await settle()
    expect(asked.length).toBe(before)
  })
  test('a slow request opens with its stages and what is left over', async () => {
    const { shown } = await page(OpsPage)
    await shown.find('[data-part=slow] td button').trigger('click')
    await settle()
    const text = shown.find('dialog[open]').text()
    for (const words of ['312 ms', '대기', '128 ms', '측정하지 않은 시간', 'ef_search']) expect(text).toContain(words)
  })
  test('one part that fails leaves the others', async () => {
    const { shown } = await page(OpsPage, (path) => (path.endsWith('/ops/slo') ? problem('database_unavailable', 503) : null))
    expect(shown.findAll('[role=alert]')).toHaveLength(1)
    expect(shown.find('[data-tile=version]').text()).toContain('2026.11.01_3')
    expect(shown.find('[data-health=warn]').exists()).toBe(true)
  })
})

describe('the audit', () => {
  test('opens a line with what it changed', async () => {
    const { shown } = await page(AuditPage)
    expect(shown.find('[data-chain]').text()).toContain('온전합니다')
    await shown.find('[data-entry="31"] button').trigger('click')
    expect(shown.findAll('[data-entry="31"] td').map((cell) => cell.text())).toEqual(['96', '256'])
    expect(shown.find('[data-entry="31"]').text()).toContain('정확도 우선')
  })
  test('a broken chain names the line', async () => {
    const { shown } = await page(AuditPage, (path) => (path.endsWith('/chain') ? Response.json({ ok: false, brokenAt: 17 }) : null))
    expect(shown.find('[data-chain]').text()).toContain('17번 줄')
  })
  test('nothing that fits is words', async () => {
    const { shown } = await page(AuditPage, (path) => (path.includes('/audit?') ? Response.json({ entries: [], next: null }) : null))
    expect(shown.text()).toContain('맞는 기록이 없습니다')
  })
})
