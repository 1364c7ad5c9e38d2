/** Bodies that were read before the framework came to them: they can be read once only. */

// Keyed weakly by the request: this is not state of the module but of each request.
const bodies = new WeakMap<Request, Promise<Uint8Array<ArrayBuffer>>>()

/** All bytes of the body, the same each time; rejects as the connection does. Its length must be bounded. */
export function bodyBytes(request: Request): Promise<Uint8Array<ArrayBuffer>> {
  let bytes = bodies.get(request)
  if (bytes === undefined) {
    bytes = request.bytes()
    bodies.set(request, bytes)
  }
  return bytes
}

/** What was read with `bodyBytes`; null where it was not. */
export const readBytes = async (request: Request): Promise<Uint8Array | null> => (await bodies.get(request)) ?? null
