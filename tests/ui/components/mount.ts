/** A component with all that the application gives it, and the fixture plant instead of a server. */
import ui from '@nuxt/ui/vue-plugin'
import { QueryClient, VueQueryPlugin } from '@tanstack/vue-query'
import { flushPromises, mount } from '@vue/test-utils'
import { createPinia } from 'pinia'
import type { Component } from 'vue'
import { createMemoryHistory, createRouter } from 'vue-router'
import { createMessages, type Locale } from '../../../ui/i18n'
import { answer } from '../fixtures/answer'

/** An answer of a test's own before the fixture's; null leaves it to the fixture. */
export type OwnAnswer = (path: string, init?: RequestInit) => Response | null

export function serveFixtures(own: OwnAnswer = () => null): void {
  globalThis.fetch = (async (input: RequestInfo | URL, init?: RequestInit) => {
    const { signal: _, ...rest } = init ?? {}
    return (
      own(String(input), init) ??
      (await answer(new Request(new URL(String(input), 'http://localhost'), rest))) ??
      new Response(null, { status: 404 })
    )
  }) as typeof fetch
}

interface ShowOptions {
  props?: Record<string, unknown>
  locale?: Locale
  own?: OwnAnswer
}

export function show(component: Component, { props = {}, locale = 'ko', own }: ShowOptions = {}) {
  localStorage.setItem('routewright.locale', locale)
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:path(.*)*', component: { template: '<div />' } }] })
  serveFixtures(own)
  // Of its own, so that no test sees another's answers; a failure is shown at once, as in the application.
  const queryClient = new QueryClient({ defaultOptions: { queries: { retry: false, retryOnMount: false } } })
  return mount(component, {
    props,
    global: { plugins: [createPinia(), createMessages(), router, [VueQueryPlugin, { queryClient }], ui] },
    attachTo: document.body,
  })
}

/** Until answers came and were drawn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) {
    await new Promise((resume) => setTimeout(resume, 5))
    await flushPromises()
  }
}

/** A prediction of the fixture plant. */
export async function predict(body: object) {
  const response = await answer(new Request('http://localhost/api/v1/predict', { method: 'POST', body: JSON.stringify(body) }))
  return response!.json()
}
