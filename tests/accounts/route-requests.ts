/**
 * A request for every route of the app that is good enough to get past its validation: for the matrix of routes and roles, and for all
 * that must hold on every route. A route without a row, and a row without a route, fail the test.
 */

import { password } from './people-app'

export interface RouteRequest {
  path: string
  body?: unknown
  headers?: Record<string, string>
  /** A 401 with this code is the route's own, not a refusal of who asks. */
  own?: string
}

/** No such account, key, version, job: an act that is let in changes nothing. */
const nobody = '/api/v1/accounts/999999999'
const version = '2026.01.31_1'
const job = '/api/v1/training/jobs/999999999'
const order = { kind: 'train', source: 'plant', mapping: 'mapping.json' }
const noSession = 'x'.repeat(22)
const item = { item: 'AB-1/2' }

export const routeRequests: Record<string, RouteRequest> = {
  // predictions
  'POST /api/v1/predict': { path: '/api/v1/predict', body: item },
  'POST /api/v1/predict/batch': { path: '/api/v1/predict/batch', body: { items: [item] } },
  'POST /api/v1/similar': { path: '/api/v1/similar', body: item },
  'POST /api/v1/search': { path: '/api/v1/search', body: { vector: [1, 0], k: 1 } },
  'POST /api/v1/predict/counterfactual': { path: '/api/v1/predict/counterfactual', body: item },
  'POST /api/v1/groups/recommendations': { path: '/api/v1/groups/recommendations', body: item },
  'GET /api/v1/items': { path: '/api/v1/items?limit=3' },
  'GET /api/v1/items/:code': { path: '/api/v1/items/AB-1%2F2' },
  'GET /api/v1/form': { path: '/api/v1/form' },
  'POST /api/v1/time/summary': { path: '/api/v1/time/summary', body: { operation: 'F40' } },
  'GET /api/v1/quality/drift': { path: '/api/v1/quality/drift' },
  'GET /api/v1/quality/adoption': { path: '/api/v1/quality/adoption' },
  'POST /api/v1/adoptions': {
    path: '/api/v1/adoptions',
    body: { proposal: 'none', candidate: null, routing: { steps: [{ operation: 'F40' }] } },
  },
  // versions
  'GET /api/v1/models': { path: '/api/v1/models' },
  'GET /api/v1/models/active': { path: '/api/v1/models/active' },
  'GET /api/v1/models/compare': { path: `/api/v1/models/compare?a=${version}&b=${version}` },
  'GET /api/v1/models/:version': { path: `/api/v1/models/${version}` },
  'GET /api/v1/models/:version/quality': { path: `/api/v1/models/${version}/quality` },
  'GET /api/v1/models/:version/report': { path: `/api/v1/models/${version}/report` },
  'GET /api/v1/models/switches': { path: '/api/v1/models/switches' },
  'GET /api/v1/workers': { path: '/api/v1/workers' },
  'POST /api/v1/models/rollback': { path: '/api/v1/models/rollback', body: {} },
  'POST /api/v1/models/:version/activate': { path: `/api/v1/models/${version}/activate`, body: {} },
  'PATCH /api/v1/models/:version': { path: `/api/v1/models/${version}`, body: { notes: 'x' } },
  'DELETE /api/v1/models/:version': { path: `/api/v1/models/${version}` },
  // configuration
  'GET /api/v1/config': { path: '/api/v1/config' },
  'PATCH /api/v1/config': { path: '/api/v1/config', body: {}, headers: { 'if-match': '"0"' } },
  'GET /api/v1/config/history': { path: '/api/v1/config/history' },
  'GET /api/v1/config/diff': { path: '/api/v1/config/diff?from=0&to=0' },
  'GET /api/v1/config/presets': { path: '/api/v1/config/presets' },
  'GET /api/v1/config/revisions/:revision': { path: '/api/v1/config/revisions/0' },
  'POST /api/v1/config/revert': { path: '/api/v1/config/revert', body: { revision: 0 }, headers: { 'if-match': '"0"' } },
  // training
  'GET /api/v1/training/jobs': { path: '/api/v1/training/jobs' },
  'POST /api/v1/training/jobs': { path: '/api/v1/training/jobs', body: order },
  'GET /api/v1/training/jobs/:id': { path: job },
  'GET /api/v1/training/jobs/:id/log': { path: `${job}/log` },
  'POST /api/v1/training/jobs/:id/cancel': { path: `${job}/cancel` },
  'POST /api/v1/training/jobs/:id/retry': { path: `${job}/retry` },
  'GET /api/v1/training/schedules': { path: '/api/v1/training/schedules' },
  'PUT /api/v1/training/schedules/:name': {
    path: '/api/v1/training/schedules/nightly',
    body: { cron: '0 2 * * *', request: order, enabled: false },
  },
  'DELETE /api/v1/training/schedules/:name': { path: '/api/v1/training/schedules/none' },
  // people about themselves: a login that fails is 401 of its own
  'POST /api/v1/auth/register': { path: '/api/v1/auth/register', body: { login: 'newcomer', password } },
  'GET /api/v1/auth/waiting': { path: '/api/v1/auth/waiting' },
  'POST /api/v1/auth/waiting/enter': { path: '/api/v1/auth/waiting/enter', own: 'not_authenticated' },
  'POST /api/v1/auth/login': { path: '/api/v1/auth/login', body: { login: 'stranger', password }, own: 'login_failed' },
  'POST /api/v1/auth/refresh': { path: '/api/v1/auth/refresh', own: 'not_authenticated' },
  'POST /api/v1/auth/logout': { path: '/api/v1/auth/logout' },
  'POST /api/v1/auth/reset': { path: '/api/v1/auth/reset', body: { login: 'stranger', code: 'x', next: password }, own: 'login_failed' },
  'POST /api/v1/auth/password': { path: '/api/v1/auth/password', body: { current: 'wrong', next: password }, own: 'login_failed' },
  'GET /api/v1/auth/me': { path: '/api/v1/auth/me' },
  'GET /api/v1/auth/sessions': { path: '/api/v1/auth/sessions' },
  'DELETE /api/v1/auth/sessions/:id': { path: `/api/v1/auth/sessions/${noSession}` },
  'GET /api/v1/setup': { path: '/api/v1/setup' },
  'POST /api/v1/setup': { path: '/api/v1/setup', body: { token: 'wrong', login: 'first', password } },
  // people, for admins
  'GET /api/v1/accounts': { path: '/api/v1/accounts' },
  'POST /api/v1/accounts/:id/approve': { path: `${nobody}/approve`, body: {} },
  'POST /api/v1/accounts/:id/reject': { path: `${nobody}/reject`, body: { reason: 'x' } },
  'POST /api/v1/accounts/:id/role': { path: `${nobody}/role`, body: { role: 'admin' } },
  'POST /api/v1/accounts/:id/suspend': { path: `${nobody}/suspend`, body: { reason: 'x' } },
  'POST /api/v1/accounts/:id/resume': { path: `${nobody}/resume` },
  'POST /api/v1/accounts/:id/reset-code': { path: `${nobody}/reset-code` },
  'GET /api/v1/accounts/:id/sessions': { path: `${nobody}/sessions` },
  'DELETE /api/v1/accounts/:id/sessions/:sid': { path: `${nobody}/sessions/${noSession}` },
  'GET /api/v1/keys': { path: '/api/v1/keys' },
  'POST /api/v1/keys': { path: '/api/v1/keys', body: { name: 'x', scopes: ['read'], expiresInDays: 1 } },
  'DELETE /api/v1/keys/:id': { path: '/api/v1/keys/000000000000' },
  'GET /api/v1/audit': { path: '/api/v1/audit' },
  'GET /api/v1/audit/chain': { path: '/api/v1/audit/chain' },
  // operation
  'GET /livez': { path: '/livez' },
  'GET /readyz': { path: '/readyz' },
  'GET /health': { path: '/health' },
  'GET /metrics': { path: '/metrics' },
  'GET /api/v1/ops/dashboard': { path: '/api/v1/ops/dashboard' },
  'GET /api/v1/ops/slow': { path: '/api/v1/ops/slow' },
  'GET /api/v1/ops/slo': { path: '/api/v1/ops/slo' },
  'GET /api/v1/events': { path: '/api/v1/events' },
  // pages
  'GET /api/docs': { path: '/api/docs' },
  'GET /api/docs/start.js': { path: '/api/docs/start.js' },
  'GET /api/docs/scalar.js': { path: '/api/docs/scalar.js' },
  'GET /api/docs/json': { path: '/api/docs/json' },
  'GET /': { path: '/' },
  'GET /*': { path: '/items' },
}
