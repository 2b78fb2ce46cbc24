import { createHash } from 'node:crypto'
import { ApiKeyRevoked } from '@storewright/contracts'
import { onEveryReplica, type FanoutSubscription } from '@storewright/messaging/subscriptions'
import { compileSchema, Problem } from '@storewright/service-kit/http'
import { Type, type Static } from 'typebox'
import type { Upstreams } from '../proxy/upstreams.ts'

const Exchanged = Type.Object({
  accessToken: Type.String({ maxLength: 8_192 }),
  expiresIn: Type.Integer({ minimum: 1 }),
  apiKeyId: Type.String({ maxLength: 64 }),
})
type Exchanged = Static<typeof Exchanged>
const checkExchanged = compileSchema(Exchanged, { coerce: false })

/** What a key looks like; nothing else is worth a question. */
const KEY = /^sw_[A-Za-z0-9]{8,64}_[\w-]{16,128}$/
const CACHED_KEYS = 10_000
/** Renewed this long before it expires, so that no service meets one that just did. */
const RENEWED_EARLY_MS = 30_000
const REFUSAL_KEPT_MS = 5_000
const ANSWER_WITHIN_MS = 5_000

export interface ApiKeys {
  /** The access token that a key stands for. `unknownKey` is called before the user service is asked, and may throw. */
  tokenFor(key: string, unknownKey: () => void): Promise<string>
  /** Its token was refused after all, so the next request asks anew. */
  forget(key: string): void
  readonly subscriptions: readonly FanoutSubscription[]
}

type Known = { until: number; usableUntil: number; apiKeyId: string; accessToken: string }
type Entry = Known | { until: number; accessToken?: undefined }

/** An answer, and none to go by. */
class Unexpected extends Error {}

const refused = () => new Problem('invalid-api-key', 'It is unknown, was revoked, or has expired.')
const away = (cause: unknown) =>
  new Problem('unavailable', 'API keys cannot be checked at the moment.', { retryAfter: 2 }, { cause })

const hashOf = (key: string) => createHash('sha256').update(key).digest('base64')

const bounded = (entries: Map<string, Entry>) => {
  const [oldest] = entries.keys()
  if (entries.size >= CACHED_KEYS && oldest !== undefined) entries.delete(oldest)
}

/** Exchanges API keys at the user service, once per key and life of a token. Keys are kept as their hashes only. */
export const createApiKeys = ({
  users,
  internalToken,
  clock = Date.now,
}: {
  users: Upstreams
  internalToken: string
  clock?: () => number
}): ApiKeys => {
  const entries = new Map<string, Entry>()
  const running = new Map<string, Promise<Entry>>()
  let revokedAt = new Map<string, number>()

  const askOne = async (origin: string, key: string): Promise<Exchanged | null> => {
    const response = await fetch(`${origin}/internal/api-keys/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-internal-token': internalToken },
      body: JSON.stringify({ key }),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    })
    const body: unknown = await response.json().catch(() => undefined)
    // That is the key's own refusal; anything else is ours or the service's fault.
    if (response.status === 401) return null
    if (response.ok && 'value' in checkExchanged(body)) return body as Exchanged
    throw new Unexpected(`the user service answered ${response.status} for an API key`)
  }

  const ask = async (key: string): Promise<Exchanged | null> => {
    let failure: unknown
    for (const _replica of users.origins) {
      const origin = users.next()
      try {
        return await askOne(origin, key)
      } catch (error) {
        // Only what does not answer: the replica serves everybody, and an error of this one route is not its end.
        if (!(error instanceof Unexpected)) users.setAside(origin)
        failure = error
      }
    }
    throw away(failure)
  }

  const exchange = async (hash: string, key: string): Promise<Entry> => {
    const began = clock()
    const answer = await ask(key)
    // Revoked while it was on its way: what was answered may be from before.
    const good = answer && (revokedAt.get(answer.apiKeyId) ?? 0) < began ? answer : null
    const entry: Entry = good
      ? {
          apiKeyId: good.apiKeyId,
          accessToken: good.accessToken,
          until: began + Math.max(good.expiresIn * 500, good.expiresIn * 1_000 - RENEWED_EARLY_MS),
          usableUntil: began + good.expiresIn * 1_000,
        }
      : { until: began + REFUSAL_KEPT_MS }
    entries.delete(hash)
    bounded(entries)
    entries.set(hash, entry)
    return entry
  }

  const exchangeOnce = (hash: string, key: string) => {
    let exchanging = running.get(hash)
    if (!exchanging) {
      exchanging = exchange(hash, key).finally(() => running.delete(hash))
      running.set(hash, exchanging)
    }
    return exchanging
  }

  return {
    forget: (key) => void entries.delete(hashOf(key)),
    tokenFor: async (key, unknownKey) => {
      if (!KEY.test(key)) throw refused()
      const hash = hashOf(key)
      let entry = entries.get(hash)
      if (!entry || entry.until <= clock()) {
        const old = entry
        if (old?.accessToken === undefined) unknownKey()
        entry = await exchangeOnce(hash, key).catch((error: unknown) => {
          // It was good a moment ago, and its token still is.
          if (old?.accessToken !== undefined && old.usableUntil > clock()) return old
          throw error
        })
      }
      if (entry.accessToken === undefined) throw refused()
      return entry.accessToken
    },
    subscriptions: [
      onEveryReplica(ApiKeyRevoked, ({ data }) => {
        const now = clock()
        revokedAt = new Map([...revokedAt].filter(([, at]) => at > now - 2 * ANSWER_WITHIN_MS))
        revokedAt.set(data.apiKeyId, now)
        for (const [hash, entry] of entries) {
          if (entry.accessToken !== undefined && entry.apiKeyId === data.apiKeyId) entries.delete(hash)
        }
      }),
    ],
  }
}
