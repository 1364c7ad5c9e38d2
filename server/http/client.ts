/**
 * Who is at the other end: the right-most hop that is not a proxy of ours, and whether it came over TLS. What a proxy says is believed
 * only where its address was named; anybody can write these headers.
 */
import { BlockList, isIP } from 'node:net'
import { DomainError } from '../domain/error'

export interface Client {
  /** IPv4 or IPv6; empty where the connection is gone. */
  address: string
  /** By what a trusted proxy says: there is no TLS of our own. */
  secure: boolean
  /** As the browser wrote it. */
  host: string
  /** Through a proxy, trusted or not. */
  forwarded: boolean
}

/** Finds the client of a request; cheap to ask again. */
export type ClientOf = (request: Request) => Client

export interface Clients {
  of: ClientOf
  /** The listening server, which knows the connection's other end. Before it there are no requests. */
  listen(server: { requestIP(request: Request): { address: string } | null }): void
}

/** `trustedProxies`: addresses or networks, `10.0.0.0/8`. Throws `bad_request` for what is neither. */
export function createClients(trustedProxies: readonly string[]): Clients {
  const trusted = trustList(trustedProxies)
  const found = new WeakMap<Request, Client>()
  let server: Parameters<Clients['listen']>[0] | null = null
  let last = { text: '', address: '' }
  const peerOf = (request: Request): string => {
    const text = server?.requestIP(request)?.address ?? ''
    // whoever asks often asks again
    if (text !== last.text) last = { text, address: plainAddress(text) }
    return last.address
  }
  const read = ({ headers }: Request, peer: string): Client => {
    const forwardedFor = headers.get('x-forwarded-for')
    const byProxy = peer !== '' && trusted(peer)
    return {
      address: byProxy && forwardedFor !== null ? clientHop(forwardedFor, peer, trusted) : peer,
      secure: byProxy && lastOf(headers.get('x-forwarded-proto'))?.toLowerCase() === 'https',
      host: (byProxy ? lastOf(headers.get('x-forwarded-host')) : undefined) ?? headers.get('host') ?? '',
      forwarded: forwardedFor !== null || headers.has('forwarded'),
    }
  }
  return {
    of: (request) => {
      let client = found.get(request)
      if (client === undefined) {
        client = read(request, peerOf(request))
        found.set(request, client)
      }
      return client
    },
    listen: (listening) => {
      server = listening
    },
  }
}

/** From the right: each hop was written by the one before it in this walk, so the first that is no proxy of ours is the client. */
function clientHop(forwardedFor: string, peer: string, trusted: (address: string) => boolean): string {
  let client = peer
  for (const text of forwardedFor.split(',').reverse()) {
    const hop = plainAddress(text.trim())
    if (isIP(hop) === 0) return client
    client = hop
    if (!trusted(hop)) return client
  }
  return client
}

const lastOf = (list: string | null) => list?.split(',').at(-1)?.trim() || undefined

/** Without port, brackets and zone; IPv4 in IPv6's clothes is IPv4. */
function plainAddress(text: string): string {
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)
  const bare = bracketed?.[1] ?? (/^\d+\.\d+\.\d+\.\d+:\d+$/.test(text) ? text.slice(0, text.indexOf(':')) : text)
  const address = bare.replace(/%.*$/, '')
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(address) ? address.slice(7) : address
}

function trustList(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address, bits, more] = network.split('/')
    const family = isIP(address)
    const length = bits === undefined ? (family === 4 ? 32 : 128) : Number(bits)
    if (family === 0 || more !== undefined || !/^\d*$/.test(bits ?? '') || bits === '' || length > (family === 4 ? 32 : 128)) {
      throw new DomainError('bad_request', 'a trusted proxy must be an address or a network like 10.0.0.0/8')
    }
    list.addSubnet(address, length, family === 4 ? 'ipv4' : 'ipv6')
  }
  if (networks.length === 0) return () => false
  return (address) => isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}
