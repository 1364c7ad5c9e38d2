/** The API's reference: the document made from the routes, and a page that shows it without asking any other host. */
import { dirname, join } from 'node:path'
import { Elysia } from 'elysia'
import type { Access } from '../http/access'
import { type Asset, createAsset } from '../http/asset'

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Routewright API</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script src="/api/docs/scalar.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>`

/** No script in the page itself: the content security policy allows files of this server only. */
const start = `Scalar.createApiReference('#reference', ${JSON.stringify({
  url: '/api/docs/json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  agent: { disabled: true },
  mcp: { disabled: true },
})})`

/** Where the package's browser bundle lies, beside the module that `import` would find. */
const scalarPath = () => join(dirname(Bun.resolveSync('@scalar/api-reference/package.json', import.meta.dir)), 'dist/browser/standalone.js')

const text = (content: string) => async () => new TextEncoder().encode(content)

/** `document` gives the OpenAPI document of the finished app. */
export function docsRoutes(access: Access, document: () => object) {
  const html: Asset = createAsset(text(page), { type: 'text/html; charset=utf-8', cacheControl: 'no-cache' })
  const starter: Asset = createAsset(text(start), { type: 'text/javascript; charset=utf-8', cacheControl: 'no-cache' })
  // Without the charset a browser reads the bundle as Latin-1 and its texts break.
  const scalar: Asset = createAsset(() => Bun.file(scalarPath()).bytes(), {
    type: 'text/javascript; charset=utf-8',
    cacheControl: 'no-cache',
  })
  return new Elysia({ prefix: '/api/docs' })
    .use(access)
    .get('', ({ request, set }) => html(request, set), { role: 'public', detail: { hide: true } })
    .get('/start.js', ({ request, set }) => starter(request, set), { role: 'public', detail: { hide: true } })
    .get('/scalar.js', ({ request, set }) => scalar(request, set), { role: 'public', detail: { hide: true } })
    .get('/json', () => document(), { role: 'public', detail: { hide: true } })
}
