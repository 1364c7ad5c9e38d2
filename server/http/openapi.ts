/** The OpenAPI document, made from the routes of the finished app. */
import { toOpenAPISchema } from '@elysia/openapi'
import type { AnyElysia } from 'elysia'

/** Schemas that have a name (`$id`) stand once, under components, however often they are used. */
export function openApiDocument(app: AnyElysia, info: { title: string; version: string; description: string }): object {
  const schemas: Record<string, unknown> = {}
  const { paths } = toOpenAPISchema(app)
  return { openapi: '3.1.0', info, paths: hoist(paths, schemas), components: { schemas } }
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
