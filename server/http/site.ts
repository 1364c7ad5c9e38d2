/** The built screens: files by name from a list made at start (no path is ever joined), and the first page for every address of theirs. */
import { existsSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { NotFoundError } from 'elysia'
import { type AnswerSet, type Asset, createAsset } from './asset'

export type Site = (path: string, request: Request, set: AnswerSet) => Promise<Uint8Array | Response | string>

const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  webmanifest: 'application/manifest+json; charset=utf-8',
  txt: 'text/plain; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  jpg: 'image/jpeg',
  webp: 'image/webp',
  ico: 'image/x-icon',
  woff2: 'font/woff2',
  woff: 'font/woff',
  wasm: 'application/wasm',
}

const extension = (name: string) => /\.([a-z0-9]+)$/.exec(name)?.[1]

/** Serves a folder made by the build; files below `assets/` carry a hash in their name and never change. */
export function createSite(directory: string): Site {
  const assets = new Map<string, Asset>()
  const names = existsSync(directory) ? readdirSync(directory, { recursive: true, encoding: 'utf8' }) : []
  const known = new Set(names)
  for (const name of names) {
    const type = types[extension(name) ?? '']
    if (!type) continue
    assets.set(`/${name.split(sep).join('/')}`, fileAsset(directory, name, known, type))
  }
  const first = assets.get('/index.html')
  return async (path, request, set) => {
    const asset = assets.get(path)
    if (asset) return asset(request, set)
    // What lies below /api is the API's even where it is nothing; a file that is not there is no page. (An item's code may hold a dot.)
    if (/^\/(api|assets)\//.test(path) || (extension(path) ?? '') in types) throw new NotFoundError()
    if (first) return first(request, set)
    set.status = 503
    set.headers['content-type'] = types.html!
    return missingPage
  }
}

function fileAsset(directory: string, name: string, known: Set<string>, type: string): Asset {
  const read = (file: string) => Bun.file(join(directory, file)).bytes()
  return createAsset(() => read(name), {
    type,
    cacheControl: name.startsWith(`assets${sep}`) ? 'public, max-age=31536000, immutable' : 'no-cache',
    readVariant: (encoding) => {
      const variant = `${name}.${encoding === 'br' ? 'br' : 'gz'}`
      return known.has(variant) ? read(variant) : null
    },
  })
}

const missingPage = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Routewright</title>
<body style="font-family:system-ui;max-width:40rem;margin:4rem auto;line-height:1.5">
<h1>Routewright is running, its screens are not built</h1>
<p>Build them once with <code>bun run build:ui</code> and start the server again.</p>
<p>The API works meanwhile: <a href="/api/docs">reference</a>, <a href="/health">health</a>.</p>`
