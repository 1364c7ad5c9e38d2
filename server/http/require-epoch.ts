/** `X-Require-Epoch: n`: whoever has just switched versions may ask not to be answered by an older one, whichever process answers. */
import { Elysia } from 'elysia'
import { DomainError } from '../domain/error'

/** @param require looks at the registry again when what serves is older; throws `busy`, `model_not_loaded` */
export const requireEpoch = (require: (epoch: number) => void) =>
  new Elysia({ name: 'require-epoch' }).onRequest(({ request }) => {
    const wanted = request.headers.get('x-require-epoch')
    if (wanted === null) return
    if (!/^\d{1,15}$/.test(wanted)) throw new DomainError('bad_request', 'X-Require-Epoch must be a whole number')
    require(Number(wanted))
  })
