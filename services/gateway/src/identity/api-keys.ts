import { createHash } from 'node:crypto'
import { ApiKeyRevoked } from '@storewright/contracts'
import { onEveryReplica, type FanoutSubscription } from '@storewright/messaging/subscriptions'
import type { InternalClient } from '@storewright/runtime/internal-client'
import type { Auth, CheckToken } from '@storewright/service-kit/auth'
import { compileSchema, Problem } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'

const Exchanged = Type.Object({
  accessToken: Type.String({ maxLength: 8_192 }),
  expiresIn: Type.Integer({ minimum: 1 }),
  apiKeyId: Type.String({ maxLength: 64 }),
})
type Exchanged = Static<typeof Exchanged>
const checkExchanged = compileSchema(Exchanged, { coerce: false })

const KEY = /^sw_[A-Za-z0-9]{8,64}_[\w-]{16,128}$/
const MAX_CACHED_KEYS = 10_000
/** Renewed this long before it expires, so that no service receives a token that just expired. */
const RENEW_EARLY_MS = 30_000
const CACHE_REFUSAL_MS = 5_000

export interface ApiKeys {
  /** The access token for a key. `onUnknownKey` is called before the user service is, and may throw. */
  tokenFor(key: string, onUnknownKey: () => void): Promise<string>
  forget(key: string): void
  readonly subscriptions: readonly FanoutSubscription[]
}

type Known = { until: number; usableUntil: number; apiKeyId: string; accessToken: string }
type Entry = Known | { until: number; accessToken?: undefined }

interface Exchange {
  entry: Promise<Entry>
  revoked: Set<string>
}

const refused = () => new Problem('invalid-api-key', 'It is unknown, was revoked, or has expired.')

const hashOf = (key: string) => createHash('sha256').update(key).digest('base64')

/** 401 is the key's own refusal; any other status is a fault of the user service or of the gateway. */
const accept = (status: number, body: unknown): Exchanged | 'refused' | undefined => {
  if (status === 401) return 'refused'
  return status === 200 && 'value' in checkExchanged(body) ? (body as Exchanged) : undefined
}

/** Exchanges API keys at the user service, once per key until its token expires. Keys are kept as their hashes only. */
export const createApiKeys = ({
  users,
  clock = Date.now,
}: {
  users: Pick<InternalClient, 'call'>
  clock?: () => number
}): ApiKeys => {
  const entries = new Map<string, Entry>()
  const running = new Map<string, Exchange>()

  const add = (hash: string, entry: Entry) => {
    entries.delete(hash)
    const [oldest] = entries.keys()
    if (entries.size >= MAX_CACHED_KEYS && oldest !== undefined) entries.delete(oldest)
    entries.set(hash, entry)
    return entry
  }

  const exchange = async (hash: string, key: string, revoked: ReadonlySet<string>): Promise<Entry> => {
    const began = clock()
    const answer = await users
      .call({ method: 'POST', path: '/internal/api-keys/token', body: { key }, accept, repeatable: true })
      .catch((cause: unknown) => {
        const detail = 'API keys cannot be checked at the moment.'
        throw new Problem('unavailable', detail, { retryAfter: 2 }, { cause })
      })
    // Revoked while the exchange was under way: the answer may be from before.
    if (answer === 'refused' || revoked.has(answer.apiKeyId)) {
      return add(hash, { until: began + CACHE_REFUSAL_MS })
    }
    const { apiKeyId, accessToken, expiresIn } = answer
    const lifeMs = expiresIn * 1_000
    return add(hash, {
      apiKeyId,
      accessToken,
      until: began + Math.max(lifeMs / 2, lifeMs - RENEW_EARLY_MS),
      usableUntil: began + lifeMs,
    })
  }

  const exchangeOnce = (hash: string, key: string) => {
    const known = running.get(hash)
    if (known) return known.entry
    const revoked = new Set<string>()
    const entry = exchange(hash, key, revoked).finally(() => running.delete(hash))
    running.set(hash, { entry, revoked })
    return entry
  }

  return {
    forget: (key) => void entries.delete(hashOf(key)),
    tokenFor: async (key, onUnknownKey) => {
      if (!KEY.test(key)) throw refused()
      const hash = hashOf(key)
      let entry = entries.get(hash)
      if (!entry || entry.until <= clock()) {
        const old = entry
        if (old?.accessToken === undefined) onUnknownKey()
        entry = await exchangeOnce(hash, key).catch((error: unknown) => {
          // The old token is still good, unless the key was revoked meanwhile.
          const usable = old?.accessToken !== undefined && old.usableUntil > clock()
          if (usable && entries.get(hash) === old) return old
          throw error
        })
      }
      if (entry.accessToken === undefined) throw refused()
      return entry.accessToken
    },
    subscriptions: [
      onEveryReplica(ApiKeyRevoked, ({ data: { apiKeyId } }) => {
        for (const { revoked } of running.values()) revoked.add(apiKeyId)
        for (const [hash, entry] of entries) {
          if (entry.accessToken !== undefined && entry.apiKeyId === apiKeyId) entries.delete(hash)
        }
      }),
    ],
  }
}

/** Who makes a request, by token or key; null for guests. Rejects with the Problem to answer. */
export type Identify = (request: FastifyRequest, onUnknownKey: () => void) => Promise<Auth | null>

/** A request with an API key goes on as if it had come with the access token. */
export const createIdentify =
  ({ checkToken, apiKeys }: { checkToken: CheckToken; apiKeys: ApiKeys }): Identify =>
  async (request, onUnknownKey) => {
    const { authorization, 'x-api-key': key } = request.headers
    if (key === undefined) return authorization === undefined ? null : checkToken(request)
    if (authorization !== undefined) {
      throw new Problem('malformed-request', 'Send either an access token or an API key, not both.')
    }
    request.raw.headers.authorization = `Bearer ${await apiKeys.tokenFor(String(key), onUnknownKey)}`
    return checkToken(request).catch((error: unknown) => {
      apiKeys.forget(String(key))
      throw error
    })
  }
