/** Live events: what changed, as a stream. */
import { type DocumentDecoration, Elysia } from 'elysia'
import type { Access } from '../http/access'
import type { EventStreams, Listener } from '../http/event-stream'
import { problemResponses } from '../http/problems'

export interface EventServices {
  /** Sends what is now, then each change; returns the end of it. */
  subscribe: (listener: Listener) => () => void
}

const responses = {
  200: {
    description: 'Server-sent events: each `data` is one JSON document',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  },
  ...Object.fromEntries(
    Object.entries(problemResponses(401, 403, 429, 503)).map(([status, schema]) => [
      status,
      { description: 'Problem', content: { 'application/json': { schema } } },
    ]),
  ),
} as unknown as NonNullable<DocumentDecoration['responses']>

export const eventRoutes = (access: Access, streams: EventStreams, { subscribe }: EventServices) =>
  new Elysia({ prefix: '/api/v1' }).use(access).get('/events', ({ request, user }) => streams.open(request, user!, subscribe), {
    role: 'user:read',
    detail: {
      tags: ['operations'],
      summary: 'Live events',
      description:
        'Server-sent events: the version and the configuration first, then each change. Admins hear of switches, accounts and jobs too.',
      responses,
    },
  })
