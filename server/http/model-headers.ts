/** Says in the headers which version answered, for every answer whose body says it. */
import { Elysia } from 'elysia'

export const modelHeaders = () =>
  new Elysia({ name: 'model-headers' }).onAfterHandle({ as: 'scoped' }, ({ responseValue, set }) => {
    const { version, epoch } = (responseValue ?? {}) as { version?: unknown; epoch?: unknown }
    if (typeof version === 'string') set.headers['x-model-version'] = version
    if (typeof epoch === 'number') set.headers['x-model-epoch'] = String(epoch)
  })
