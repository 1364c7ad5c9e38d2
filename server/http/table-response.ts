/** Sends a table whose text is made already, or says that the asker has it. */
import type { JsonTable } from '../domain/json-table'
import { notesOf } from './request-notes'

/** Typed as the document that it sends, which is what a client gets. */
export function tableResponse<Sent>(request: Request, { version, epoch, configRev, etag, json }: JsonTable): Sent {
  const own = notesOf(request)
  Object.assign(own, { version, epoch, ...(configRev === undefined ? {} : { configRevision: configRev }), bytesOut: json?.byteLength ?? 0 })
  const headers: Record<string, string> = {
    'x-model-version': version,
    'x-model-epoch': String(epoch),
    ...(configRev === undefined ? {} : { 'x-config-rev': String(configRev) }),
    // asked again each time: another version may serve
    'cache-control': 'private, no-cache',
    etag,
  }
  if (json === null) return new Response(null, { status: 304, headers }) as Sent
  headers['content-type'] = 'application/json; charset=utf-8'
  return new Response(json as Uint8Array<ArrayBuffer>, { headers }) as Sent
}
