/** Mounts the features. Pure: everything that has a state comes in as an argument. */
import { type AnyElysia, Elysia } from 'elysia'
import { version } from '../package.json'
import { type AccountServices, accountRoutes } from './features/accounts'
import { type AuditServices, auditRoutes } from './features/audit'
import { type AuthServices, authRoutes } from './features/auth'
import { type ConfigServices, configRoutes } from './features/config'
import { type CounterfactualServices, counterfactualRoutes } from './features/counterfactual'
import { type DashboardServices, dashboardRoutes } from './features/dashboard'
import { docsRoutes } from './features/docs'
import { type EventServices, eventRoutes } from './features/events'
import { type GroupServices, groupRoutes } from './features/groups'
import { type ItemServices, itemRoutes } from './features/items'
import { type KeyServices, keyRoutes } from './features/keys'
import { type ModelServices, modelRoutes } from './features/models'
import { type OpsServices, opsRoutes } from './features/ops'
import { type PredictServices, predictRoutes } from './features/predict'
import { type QualityServices, qualityRoutes } from './features/quality'
import { type SetupServices, setupRoutes } from './features/setup'
import { siteRoutes } from './features/site'
import { type SwitchServices, switchRoutes } from './features/switches'
import { type TimeServices, timeRoutes } from './features/time'
import { type TrainingServices, trainingRoutes } from './features/training'
import { type VectorSearchServices, vectorSearchRoutes } from './features/vector-search'
import { type Authenticate, createAccess } from './http/access'
import { type AccessRecord, accessLog } from './http/access-log'
import type { Admission } from './http/admission'
import { bodyDoor } from './http/body-door'
import { csrfGuard } from './http/csrf'
import { detailsAccess } from './http/details-access'
import type { EventStreams } from './http/event-stream'
import { openApiDocument } from './http/openapi'
import { problems } from './http/problems'
import { requestGuard } from './http/request-guard'
import { requireEpoch } from './http/require-epoch'
import type { Site } from './http/site'
import type { WebFace } from './http/web-face'

export type AppServices = PredictServices &
  VectorSearchServices &
  CounterfactualServices &
  GroupServices &
  ItemServices &
  TimeServices &
  QualityServices &
  ModelServices &
  SwitchServices & {
    /** Looks at the registry when what serves is older. Throws `busy`, `model_not_loaded`. */
    requireEpoch: (epoch: number) => void
  } & TrainingServices &
  OpsServices &
  DashboardServices &
  EventServices & {
    auth: AuthServices
    setup: SetupServices
    accounts: AccountServices
    keys: KeyServices
    audit: AuditServices
    config: ConfigServices
  }

export interface AppOptions {
  services: AppServices
  authenticate: Authenticate
  /** Whose connection it is, and the cookies of browsers. */
  web: WebFace
  /** The line in which requests that are calculated wait for their turn. */
  admission: Admission
  /** Open streams of live events. */
  streams: EventStreams
  site: Site
  writeAccess: (record: AccessRecord) => void
  report: (error: unknown, requestId: string) => void
}

const about = {
  title: 'Routewright',
  version,
  description: 'Drafts manufacturing routings for new parts from the ones a plant has already made.',
}

/** The whole HTTP face. `normalize: false`: an unknown field is refused, never silently dropped. */
export function createApp({ services, authenticate, web, admission, streams, site, writeAccess, report }: AppOptions) {
  const access = createAccess(authenticate)
  // The 405 answer and the reference look at the finished app, which is known only after the chain below.
  const finished: { app: AnyElysia | null } = { app: null }
  const app = new Elysia({ normalize: false, handler: { standardHostname: false } })
    .use(accessLog(writeAccess, { addressOf: (request) => web.clientOf(request).address }))
    .use(requestGuard())
    .use(problems({ allowedMethods: (path) => methodsAt(finished.app?.routes ?? [], path), report }))
    .use(csrfGuard(web.clientOf))
    .use(bodyDoor(authenticate, () => finished.app))
    .use(requireEpoch(services.requireEpoch))
    .use(predictRoutes(access, admission, services))
    .use(vectorSearchRoutes(access, admission, services))
    .use(counterfactualRoutes(access, admission, services))
    .use(groupRoutes(access, admission, services))
    .use(itemRoutes(access, services))
    .use(timeRoutes(access, services))
    .use(qualityRoutes(access, services))
    .use(switchRoutes(access, services))
    .use(modelRoutes(access, services))
    .use(trainingRoutes(access, services))
    .use(opsRoutes(access, detailsAccess(authenticate, web.clientOf), services))
    .use(dashboardRoutes(access, services))
    .use(eventRoutes(access, streams, services))
    .use(authRoutes(access, web, services.auth))
    .use(setupRoutes(access, web, services.setup))
    .use(accountRoutes(access, services.accounts))
    .use(keyRoutes(access, services.keys))
    .use(auditRoutes(access, services.audit))
    .use(configRoutes(access, services.config))
    .use(docsRoutes(access, () => openApiDocument(finished.app ?? new Elysia(), about)))
    .use(siteRoutes(access, site))
  finished.app = app
  return app
}
export type App = ReturnType<typeof createApp>

/** Methods of the routes that match a path; the screens' catch-all is no match. */
function methodsAt(routes: { method: string; path: string }[], path: string): string[] {
  const matches = (template: string) => {
    const parts = template.split('/')
    const given = path.split('/')
    return parts.length === given.length && parts.every((part, at) => (part.startsWith(':') ? given[at] !== '' : part === given[at]))
  }
  const methods = routes.filter((route) => route.path !== '/*' && matches(route.path)).map((route) => route.method)
  return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)]
}
