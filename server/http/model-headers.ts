/** Says in the headers which version and configuration answered, for every answer whose body says it. */
import { Elysia } from 'elysia'
import { noteAnswer } from './answer-notes'

export const modelHeaders = () =>
  new Elysia({ name: 'model-headers' }).onAfterHandle({ as: 'scoped' }, ({ request, body, responseValue, set }) => {
    noteAnswer(request, body, responseValue)
    const { version, epoch, configRev } = (responseValue ?? {}) as { version?: unknown; epoch?: unknown; configRev?: unknown }
    if (typeof version === 'string') set.headers['x-model-version'] = version
    if (typeof epoch === 'number') set.headers['x-model-epoch'] = String(epoch)
    if (typeof configRev === 'number') set.headers['x-config-rev'] = String(configRev)
  })
