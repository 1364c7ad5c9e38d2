/** The OpenAPI document, made from the routes of the finished app. */
import { STATUS_CODES } from 'node:http'
import { toOpenAPISchema } from '@elysia/openapi'
import type { AnyElysia, DocumentDecoration } from 'elysia'

/** Media type → schema. */
type Content = Record<string, { schema: object; example?: unknown }>
interface Operation {
  parameters?: { name: string; in: string; required: boolean; schema: Record<string, unknown> }[]
  requestBody?: { content: Content }
  responses?: Record<string, { description: string; content?: Content }>
  security?: Record<string, string[]>[]
  'x-also'?: { body?: Content; answer?: Content }
  [other: `x-${string}`]: unknown
}

/** For `detail`: what the schemas of a route cannot say. `body`: other media types that it takes; `answer`: in place of the schema of its 200. */
export const alsoInReference = (also: NonNullable<Operation['x-also']>) => ({ 'x-also': also }) as DocumentDecoration

/** Schemas that have a name (`$id`) stand once, under components, however often they are used. */
export function openApiDocument(app: AnyElysia, info: { title: string; version: string; description: string }): object {
  const schemas: Record<string, unknown> = {}
  const hoisted = hoist(toOpenAPISchema(app).paths, schemas) as Record<string, Record<string, Operation>>
  const paths = Object.fromEntries(Object.entries(hoisted).map(([path, operations]) => [path, mapValues(operations, mended)]))
  return { openapi: '3.1.0', info, paths, components: { schemas, securitySchemes } }
}

const securitySchemes = {
  key: { type: 'http', scheme: 'bearer', description: "A machine's key, with the scope that the operation names (`x-scope`)" },
  session: { type: 'apiKey', in: 'cookie', name: 'sid', description: 'Of a person who logged in; over TLS its name is `__Host-sid`' },
}

const mapValues = <From, To>(object: Record<string, From>, to: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, to(value)]))

/** The converter tells of the framework's own needs: numbers that come as texts, defaults as if they had to be sent, answers without a body. */
function mended({ 'x-also': also = {}, ...operation }: Operation): Operation {
  const { parameters, requestBody, responses = {} } = operation
  const answers = Object.entries(responses).map(([status, { description, content }]) => [
    status,
    {
      description: description === `Response for status ${status}` ? (STATUS_CODES[status] ?? description) : description,
      ...(also.answer && status === '200' ? { content: also.answer } : content && !('type' in content) ? { content } : {}),
    },
  ])
  return {
    ...operation,
    ...(parameters ? { parameters: parameters.map(asSent) } : {}),
    ...(requestBody ? { requestBody: { ...requestBody, content: { ...requestBody.content, ...also.body } } } : {}),
    responses: Object.fromEntries(answers),
    security: securityOf(operation),
  }
}

function asSent(parameter: NonNullable<Operation['parameters']>[number]): typeof parameter {
  const { anyOf, ...schema } = parameter.schema
  const number = Array.isArray(anyOf) ? anyOf.find(({ type }) => type === 'integer' || type === 'number') : undefined
  const plain = number === undefined ? parameter.schema : { ...schema, ...number }
  return { ...parameter, required: parameter.required && !('default' in plain), schema: plain }
}

const securityOf = (operation: Operation): NonNullable<Operation['security']> => {
  if (operation['x-role'] === 'public') return []
  return [...(operation['x-scope'] === undefined ? [] : [{ key: [] }]), { session: [] }]
}

function hoist(node: unknown, schemas: Record<string, unknown>): unknown {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) return node.map((part) => hoist(part, schemas))
  const { $id, ...rest } = node as { $id?: unknown }
  const parts = Object.fromEntries(Object.entries(rest).map(([key, part]) => [key, hoist(part, schemas)]))
  if (typeof $id !== 'string') return parts
  schemas[$id] = parts
  return { $ref: `#/components/schemas/${$id}` }
}
