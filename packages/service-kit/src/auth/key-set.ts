import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { Problem } from '../http/problem.ts'

export const ALGORITHMS = ['EdDSA', 'ES256'] as const
type Algorithm = (typeof ALGORITHMS)[number]

/** Well within the time that a new key is published before it signs (`SIGNING_KEY_LEAD_SECONDS`, 600). */
const REFRESH_EVERY_MS = 2 * 60_000
const REFRESH_AT_MOST_EVERY_MS = 1_000
const TIMEOUT_MS = 3_000

interface PublicKey {
  kid: unknown
  alg: Algorithm
  pem: string
}

type Jwk = JsonWebKey & { kid?: unknown; alg?: unknown; use?: unknown }

const algorithmOf = ({ kty, crv }: JsonWebKey): Algorithm | undefined => {
  if (kty === 'OKP' && crv === 'Ed25519') return 'EdDSA'
  return kty === 'EC' && crv === 'P-256' ? 'ES256' : undefined
}

const readKey = (jwk: Jwk): PublicKey[] => {
  const alg = algorithmOf(jwk)
  if (!alg || (jwk.alg ?? alg) !== alg || (jwk.use ?? 'sig') !== 'sig') return []
  try {
    const pem = createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' })
    return [{ kid: jwk.kid, alg, pem: pem.toString() }]
  } catch {
    return []
  }
}

const fetchKeys = async (jwksUrl: string): Promise<PublicKey[]> => {
  const response = await fetch(jwksUrl, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) })
  if (response.status !== 200) throw new Error(`the key set was answered with status ${response.status}`)
  const body = (await response.json()) as { keys?: Jwk[] } | null
  if (!Array.isArray(body?.keys)) throw new Error('the key set holds no list of keys')
  return body.keys.filter((jwk) => jwk !== null && typeof jwk === 'object').flatMap(readKey)
}

/** Finds the published key that a token names, as PEM; undefined if there is none, or more than one. */
export type FindKey = (header: { alg?: unknown; kid?: unknown }) => Promise<string | undefined>

/** Keeps keys also while the user service is unavailable; a 503 where a key is unknown and none can be fetched. */
export const createKeySet = (jwksUrl: string): FindKey => {
  let keys: PublicKey[] | undefined
  let attemptedAt = 0
  let refreshedAt = 0
  let refreshing: Promise<void> | undefined

  const refresh = () => {
    attemptedAt = Date.now()
    refreshing ??= fetchKeys(jwksUrl)
      .then((fetched) => {
        keys = fetched
        refreshedAt = Date.now()
      })
      .finally(() => {
        refreshing = undefined
      })
    return refreshing
  }

  return async ({ alg, kid }) => {
    const find = () => keys?.filter((key) => key.alg === alg && (kid === undefined || key.kid === kid)) ?? []

    if (keys && Date.now() - attemptedAt > REFRESH_EVERY_MS) void refresh().catch(() => undefined)
    let found = find()
    if (found.length === 0 && (!keys || Date.now() - refreshedAt >= REFRESH_AT_MOST_EVERY_MS)) {
      await refresh().catch((cause: unknown) => {
        const detail = 'Access tokens cannot be checked at the moment.'
        throw new Problem('unavailable', detail, { retryAfter: 2 }, { cause })
      })
      found = find()
    }
    return found.length === 1 ? found[0]?.pem : undefined
  }
}
