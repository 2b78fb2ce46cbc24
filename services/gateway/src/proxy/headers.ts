import type { IncomingHttpHeaders } from 'node:http'

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

/** What only this gateway may tell the services; from outside it is a forgery or a mistake. */
const OURS_TO_SAY = new Set([
  'content-length',
  'forwarded',
  'host',
  'x-api-key', // stays here: it was exchanged for an access token
  'x-internal-token',
  'x-original-url',
  'x-real-ip',
  'x-request-id',
  'x-rewrite-url',
])
const OURS_BY_PREFIX = /^x-(?:forwarded|user|auth|session|storewright|internal)-/

const namedIn = (connection: string | string[] | undefined): string[] =>
  connection === undefined || connection === 'keep-alive' || connection === 'close'
    ? []
    : String(connection)
        .toLowerCase()
        .split(',')
        .map((name) => name.trim())

export type Headers = Record<string, string | string[]>

/** The request's headers as a service may trust them: end-to-end ones only, and nothing that claims an identity. */
export const forwardedHeaders = (
  incoming: IncomingHttpHeaders,
  ours: { requestId: string; address: string; protocol: string },
): Headers => {
  const headers: Headers = {}
  const hops = namedIn(incoming.connection)
  for (const name in incoming) {
    if (HOP_BY_HOP.has(name) || OURS_TO_SAY.has(name)) continue
    if (name.startsWith('x-') && OURS_BY_PREFIX.test(name)) continue
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

/** Adds a service's response headers to what this gateway has set, without those of its connection to us. */
export const addResponseHeaders = (
  answer: Record<string, string | string[] | undefined>,
  into: Record<string, number | string | string[] | undefined>,
) => {
  const hops = namedIn(answer['connection'])
  for (const name in answer) {
    if (HOP_BY_HOP.has(name) || (hops.length > 0 && hops.includes(name))) continue
    const value = answer[name]
    if (value !== undefined) into[name] = value
  }
  return into
}
