/** The routes that exist. A route is added here together with its page, never before. */
import { createRouter, createWebHistory } from 'vue-router'
import PredictPage from './pages/PredictPage.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** Message key of the page's title. */
    title: 'page.predict' | 'page.items' | 'page.item' | 'page.quality' | 'page.missing'
  }
}

export const createScreens = () =>
  createRouter({
    history: createWebHistory(),
    routes: [
      { path: '/', redirect: '/predict' },
      { path: '/predict', component: PredictPage, meta: { title: 'page.predict' } },
      { path: '/items', component: () => import('./pages/ItemsPage.vue'), meta: { title: 'page.items' } },
      { path: '/items/:code(.+)', component: () => import('./pages/ItemPage.vue'), props: true, meta: { title: 'page.item' } },
      { path: '/quality', component: () => import('./pages/QualityPage.vue'), meta: { title: 'page.quality' } },
      { path: '/:path(.*)*', component: () => import('./pages/MissingPage.vue'), meta: { title: 'page.missing' } },
    ],
  })
