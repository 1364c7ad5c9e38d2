/** What would change a prediction. */
import { Elysia } from 'elysia'
import { CounterfactualRequest, Counterfactuals } from '../contract/counterfactual'
import { limits } from '../contract/limits'
import type { Access } from '../http/access'
import type { Admission } from '../http/admission'
import { jsonBody } from '../http/json-body'
import { modelHeaders } from '../http/model-headers'
import { problemResponses } from '../http/problems'

export interface CounterfactualServices {
  /** Rejects with `unknown_item`, `unknown_attribute`, `invalid_value`, `model_not_loaded`, `deadline_exceeded`. */
  counterfactual: (request: CounterfactualRequest, turn: () => Promise<void>, timeoutMs?: number) => Promise<Counterfactuals>
}

export const counterfactualRoutes = (access: Access, admission: Admission, { counterfactual }: CounterfactualServices) =>
  new Elysia({ prefix: '/api/v1' })
    .use(access)
    .use(modelHeaders())
    .post(
      '/predict/counterfactual',
      ({ body, request }) => admission.long(request, (turn, timeoutMs) => counterfactual(body, turn, timeoutMs)),
      {
        role: 'user:predict',
        parse: jsonBody(limits.predictBodyBytesMax),
        body: CounterfactualRequest,
        response: { 200: Counterfactuals, ...problemResponses(400, 401, 403, 404, 413, 415, 422, 503, 504) },
        detail: {
          tags: ['predict'],
          summary: 'What would change the draft of an item',
          description: `With \`change\`: what these values would do. Without: the values that change the first candidate are looked for, up to ${limits.counterfactualPredictionsMax} predictions and two seconds.`,
        },
      },
    )
