/** The screens, at every address that is not the API's. */
import { Elysia } from 'elysia'
import type { Access } from '../http/access'
import type { Site } from '../http/site'

export const siteRoutes = (access: Access, site: Site) =>
  new Elysia()
    .use(access)
    .get('/', ({ request, set }) => site('/', request, set), { role: 'public', detail: { hide: true } })
    .get('/*', ({ path, request, set }) => site(path, request, set), { role: 'public', detail: { hide: true } })
