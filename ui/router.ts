/** The routes that exist. A route is added here together with its page, never before. */
import { createRouter, createWebHistory } from 'vue-router'
import type { PersonRole } from '../server/contract/account'
import type { FirstMessages } from './i18n'

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page's title. */
    title: `page.${keyof FirstMessages['page']}`
    /** For those who are not in yet: without the rail. */
    door?: boolean
    /** Who may see it; everybody who is logged in unless told. */
    role?: PersonRole
  }
}

export const createScreens = () =>
  createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/', redirect: '/predict' },
      { path: '/predict', component: () => import('./pages/PredictPage.vue'), meta: { title: 'page.predict' } },
      { path: '/items', component: () => import('./pages/ItemsPage.vue'), meta: { title: 'page.items' } },
      { path: '/items/:code(.+)', component: () => import('./pages/ItemPage.vue'), props: true, meta: { title: 'page.item' } },
      { path: '/quality', component: () => import('./pages/QualityPage.vue'), meta: { title: 'page.quality' } },
      { path: '/account', component: () => import('./pages/AccountPage.vue'), meta: { title: 'page.account' } },
      { path: '/admin/users', component: () => import('./pages/UsersPage.vue'), meta: { title: 'page.users', role: 'admin' } },
      { path: '/admin/keys', component: () => import('./pages/KeysPage.vue'), meta: { title: 'page.keys', role: 'admin' } },
      { path: '/ops', component: () => import('./pages/OpsPage.vue'), meta: { title: 'page.ops', role: 'admin' } },
      { path: '/admin/models', component: () => import('./pages/ModelsPage.vue'), meta: { title: 'page.models', role: 'admin' } },
      { path: '/admin/config', component: () => import('./pages/ConfigPage.vue'), meta: { title: 'page.config' } },
      { path: '/admin/audit', component: () => import('./pages/AuditPage.vue'), meta: { title: 'page.audit', role: 'admin' } },
      { path: '/setup', component: () => import('./pages/SetupPage.vue'), meta: { title: 'page.setup', door: true } },
      { path: '/login', component: () => import('./pages/LoginPage.vue'), meta: { title: 'page.login', door: true } },
      { path: '/register', component: () => import('./pages/RegisterPage.vue'), meta: { title: 'page.register', door: true } },
      { path: '/pending', component: () => import('./pages/PendingPage.vue'), meta: { title: 'page.pending', door: true } },
      { path: '/reset', component: () => import('./pages/ResetPage.vue'), meta: { title: 'page.reset', door: true } },
      // Reached by name only: the address is that of the page that was refused.
      { path: '/:path(.*)*', name: 'missing', component: () => import('./pages/MissingPage.vue'), meta: { title: 'page.missing' } },
      { path: '/:path(.*)*', name: 'refused', component: () => import('./pages/RefusedPage.vue'), meta: { title: 'page.refused' } },
    ],
  })
