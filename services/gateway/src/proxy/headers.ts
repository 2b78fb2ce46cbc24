import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'

/** Headers of one connection, not of the message; `expect` was answered by this server. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** Only the gateway itself may send these to the services. */
const RESERVED = new Set([
  'content-length',
  'forwarded',
  'host',
  'x-api-key', // exchanged for an access token
  'x-internal-token',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
])
const RESERVED_PREFIX = /^x-(?:forwarded|user|auth|session|storewright|internal)-/

const namedIn = (connection: string | string[] | undefined): string[] =>
  connection === undefined || connection === 'keep-alive' || connection === 'close'
    ? []
    : String(connection)
        .toLowerCase()
        .split(',')
        .map((name) => name.trim())

/** The address that a request comes from; where a trusted proxy passed on something else, the proxy's own. */
export const clientAddress = ({
  ip,
  socket,
}: {
  ip: string
  socket: { remoteAddress?: string | undefined }
}) => (isIP(ip) ? ip : (socket.remoteAddress ?? ''))

export type Headers = Record<string, string | string[]>

/** The request's headers as a service may trust them: only end-to-end ones, and none that claims an identity. */
export const forwardedHeaders = (
  incoming: IncomingHttpHeaders,
  ours: { requestId: string; address: string; protocol: string },
): Headers => {
  const headers: Headers = {}
  const hops = namedIn(incoming.connection)
  for (const name in incoming) {
    if (HOP_BY_HOP.has(name) || RESERVED.has(name)) continue
    if (name.startsWith('x-') && RESERVED_PREFIX.test(name)) continue
    if (hops.length > 0 && hops.includes(name)) continue
    const value = incoming[name]
    if (value !== undefined) headers[name] = value
  }
  headers['x-request-id'] = ours.requestId
  headers['x-forwarded-for'] = ours.address
  headers['x-forwarded-proto'] = ours.protocol
  if (incoming.host) headers['x-forwarded-host'] = incoming.host
  return headers
}

/** Headers of a public read: nothing else that a client sends can decide about an answer that others get too. */
export const publicReadHeaders = (
  { authorization, 'accept-encoding': encodings, traceparent }: IncomingHttpHeaders,
  { requestId, address }: { requestId: string; address: string },
): Headers => ({
  ...(authorization !== undefined && { authorization }),
  ...(encodings !== undefined && { 'accept-encoding': String(encodings) }),
  ...(traceparent !== undefined && { traceparent: String(traceparent) }),
  'x-request-id': requestId,
  'x-forwarded-for': address,
})

export type ReceivedHeaders = Record<string, string | string[] | undefined>

export const addResponseHeaders = (
  received: ReceivedHeaders,
  into: Record<string, number | string | string[] | undefined>,
) => {
  const hops = namedIn(received['connection'])
  for (const name in received) {
    if (HOP_BY_HOP.has(name) || name === 'surrogate-key' || (hops.length > 0 && hops.includes(name))) continue
    const value = received[name]
    if (value === undefined) continue
    into[name] =
      name === 'vary' && into['vary'] !== undefined ? `${String(into['vary'])}, ${String(value)}` : value
  }
  return into
}
