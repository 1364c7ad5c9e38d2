/** What a serving process says when it is ready, to programs and to people. */
import { version as programVersion } from '../package.json'
import type { Env } from './env'

/** What a process says when it is ready; a line of JSON with `--json`, a message to the supervisor from a worker. */
export interface ReadyLine {
  url: string
  /** Of the model that serves; null when no version is active. */
  version: string | null
  pid: number
  /** From the start of the process. */
  readyMs: number
  /** Where the first admin is made, once, while nobody is one. A secret: it stands in no log. */
  setupUrl?: string
}

/** The line for a person. */
export function inWords({ url, version, readyMs, setupUrl, workers }: ReadyLine & { workers?: number }): string {
  const serving = version === null ? 'no version can be served yet: train one and activate it' : `version ${version}`
  const line = `Routewright ${programVersion} on ${url} (${serving}; ready in ${(readyMs / 1000).toFixed(1)} s)${workers === undefined ? '' : `, ${workers} workers`}`
  return setupUrl === undefined ? line : `${line}\nNobody is an admin yet. Open this link, it works once: ${setupUrl}`
}

/** The part after # never leaves the browser. A server that listens on all addresses is reached here by this machine's own. */
export function setupUrl(base: string, token: string): string {
  const url = new URL('/setup', base)
  if (['0.0.0.0', '[::]'].includes(url.hostname)) url.hostname = 'localhost'
  url.hash = `token=${token}`
  return url.href
}

export const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host)

/** Without TLS nobody can log in from elsewhere; whoever chose to do without should see it. */
export function warnOpenHost({ host, trustedProxies, insecureCookies }: Env): void {
  if (isLoopback(host)) return
  const say = (text: string) => void process.stderr.write(`warning: ${text}\n`)
  if (insecureCookies === 1) say(`passwords and cookies travel in the clear to ${host}: --insecure-cookies`)
  else if (trustedProxies === '')
    say(`people can log in over https only: put a proxy with TLS before ${host} and name it by --trusted-proxy`)
}
