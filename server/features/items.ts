/** Past items as the active version knows them, and the form that asks for a new one. */
import { Elysia, t } from 'elysia'
import { Form, Item, ItemList } from '../contract/item'
import type { JsonTable } from '../domain/json-table'
import type { Access } from '../http/access'
import { modelHeaders } from '../http/model-headers'
import { problemResponses } from '../http/problems'
import { tableResponse } from '../http/table-response'

export interface ItemQuery {
  search: string
  limit: number
  offset: number
}

export interface ItemServices {
  /** `known` of each: ETags that the asker has. */
  listItems: (query: ItemQuery, known: string | null) => JsonTable
  /** Throws `unknown_item`. */
  getItem: (key: string, known: string | null) => JsonTable
  itemForm: (known: string | null) => JsonTable
}

const tags = ['items']
const knownOf = (request: Request) => request.headers.get('if-none-match')

export const itemRoutes = (access: Access, services: ItemServices) =>
  new Elysia({ prefix: '/api/v1' })
    .use(access)
    .use(modelHeaders())
    .get('/items', ({ query, request }) => tableResponse<ItemList>(request, services.listItems(query, knownOf(request))), {
      role: 'user:predict',
      query: t.Object(
        {
          search: t.String({ default: '', maxLength: 256, description: 'Start of the key or a part of the title' }),
          limit: t.Integer({ default: 20, minimum: 1, maximum: 100 }),
          offset: t.Integer({ default: 0, minimum: 0, maximum: 10_000_000 }),
        },
        { additionalProperties: false },
      ),
      response: { 200: ItemList, ...problemResponses(400, 401, 403, 422, 503) },
      detail: { tags, summary: 'Items by the start of their key or a part of their title' },
    })
    .get('/items/:code', ({ params, request }) => tableResponse<Item>(request, services.getItem(params.code, knownOf(request))), {
      role: 'user:predict',
      params: t.Object({ code: t.String({ minLength: 1, maxLength: 256 }) }),
      response: { 200: Item, ...problemResponses(400, 401, 403, 404, 422, 503) },
      detail: { tags, summary: 'One item with its attributes and routings' },
    })
    .get('/form', ({ request }) => tableResponse<Form>(request, services.itemForm(knownOf(request))), {
      role: 'user:predict',
      response: { 200: Form, ...problemResponses(401, 403, 503) },
      detail: { tags, summary: 'Fields of the form for a new item', description: 'Made from the active version and its mapping.' },
    })
