import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { Problem } from '../http/problem.ts'
import type { Revocations } from './revocations.ts'

/** Who asks, as the access token says. */
export interface Auth {
  /** A person who logged in, or a machine with an API key, whose id then stands for user and session. */
  kind: 'user' | 'api-key'
  userId: string
  sessionId: string
  roles: string[]
  permissions: string[]
  /** When the token was given, in seconds since 1970. */
  issuedAt: number
}

export interface AuthOptions {
  jwksUrl: string
  issuer: string
  audience: string
  /** What has ended or changed since the token was given; without it only expiry ends a token. */
  revocations?: Pick<Revocations, 'current'>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for guests. A token that is present and not valid never gets this far. */
    auth: Auth | null
  }
}

const ALGORITHMS = ['EdDSA', 'ES256']
const LEEWAY_SECONDS = 5
/** Well within the time that a new key is published before it signs (`SIGNING_KEY_LEAD_SECONDS`, 600). */
const KEYS_REFRESHED_EVERY_MS = 2 * 60_000
const CACHED_TOKENS = 2_000
/** Bounds how long a key that was withdrawn still opens doors. */
const CACHED_FOR_MS = 60_000

/**
 * The published keys, kept: a user service that is away does not lock out tokens whose key is known. A key id
 * never seen is asked for at most once a second, so that forged ones cannot hammer the user service.
 */
const keySource = (jwksUrl: string): JWTVerifyGetKey => {
  const remote = createRemoteJWKSet(new URL(jwksUrl), {
    cacheMaxAge: Infinity,
    cooldownDuration: 1_000,
    timeoutDuration: 3_000,
  })
  let refreshedAt = Date.now()
  return async (header, token) => {
    if (remote.jwks() && Date.now() - refreshedAt > KEYS_REFRESHED_EVERY_MS) {
      refreshedAt = Date.now()
      void remote.reload().catch(() => undefined)
    }
    try {
      return await remote(header, token)
    } catch (error) {
      const answered =
        error instanceof errors.JWKSNoMatchingKey ||
        error instanceof errors.JWKSMultipleMatchingKeys ||
        error instanceof errors.JOSENotSupported
      if (answered) throw error
      throw new Problem(
        'unavailable',
        'Access tokens cannot be checked at the moment.',
        { retryAfter: 2 },
        { cause: error },
      )
    }
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const authFrom = ({ sub, sid, roles, permissions, client, iat }: JWTPayload): Auth | null =>
  typeof sub === 'string' && typeof sid === 'string' && isTexts(roles) && isTexts(permissions)
    ? {
        kind: client === 'api-key' ? 'api-key' : 'user',
        userId: sub,
        sessionId: sid,
        roles,
        permissions,
        issuedAt: iat ?? 0,
      }
    : null

const invalid = (detail: string) => new Problem('invalid-token', detail)

const explain = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof errors.JWTExpired) return invalid('The access token has expired.')
  return invalid('The access token is not valid.')
}

export type CheckToken = (authorization: string) => Promise<Auth>

/** Checks `Authorization` headers; rejects with the Problem to answer. */
export const createTokenCheck = ({ jwksUrl, issuer, audience, revocations }: AuthOptions): CheckToken => {
  const keys = keySource(jwksUrl)
  const checked = new Map<string, { auth: Auth; until: number }>()

  const verify = async (token: string): Promise<Auth> => {
    const known = checked.get(token)
    if (known && Date.now() < known.until) return known.auth
    checked.delete(token)

    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      issuer,
      audience,
      clockTolerance: LEEWAY_SECONDS,
      requiredClaims: ['exp', 'iat', 'sub'],
      maxTokenAge: '1 day', // also refuses what is dated in the future
    }).catch((error: unknown) => {
      throw explain(error)
    })
    const auth = authFrom(payload)
    if (!auth) throw invalid('The access token lacks claims.')

    const [oldest] = checked.keys()
    if (checked.size >= CACHED_TOKENS && oldest !== undefined) checked.delete(oldest)
    checked.set(token, { auth, until: Math.min((payload.exp ?? 0) * 1_000, Date.now() + CACHED_FOR_MS) })
    return auth
  }

  return async (authorization) => {
    const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(authorization)?.[1]
    if (token === undefined || token.length > 8_192)
      throw invalid('Send "Authorization: Bearer <access token>".')
    const auth = await verify(token)
    const current = revocations ? revocations.current(auth) : auth
    if (!current) throw invalid('The session has ended.')
    return current
  }
}

type Guard = (request: FastifyRequest) => Promise<void>

/** What a guard stands for in the API's documents. */
interface Told {
  scheme: 'bearer' | 'internal'
  permission?: string
  /** Open to machines too, where they have a permission that people do without. */
  machines?: boolean
}
const guards = new WeakMap<object, Told>()

export const guardOf = (hook: unknown) => (typeof hook === 'function' ? guards.get(hook) : undefined)

const guard = (told: Told, check: Guard): Guard => {
  guards.set(check, told)
  return check
}

/** Who asks; 401 for guests. */
export const authOf = (request: FastifyRequest): Auth => {
  if (!request.auth) throw new Problem('unauthenticated', 'Log in and send the access token.')
  return request.auth
}

/** An onRequest hook: people who logged in only; a machine has no account. */
export const requireUser = guard({ scheme: 'bearer' }, async (request) => {
  if (authOf(request).kind === 'api-key') {
    throw new Problem('forbidden', 'This is for people who logged in; an API key has no account.')
  }
})

/** An onRequest hook: people who logged in, for what is theirs, and machines that have the permission for all. */
export const requireUserOr = (permission: string): Guard =>
  guard({ scheme: 'bearer', machines: true }, async (request) => {
    const auth = authOf(request)
    if (auth.kind === 'api-key' && !hasPermission(auth, permission)) {
      throw new Problem('forbidden', `For an API key this needs the permission ${permission}.`)
    }
  })

export const hasPermission = (auth: Auth | null, permission: string): boolean =>
  auth?.permissions.includes(permission) ?? false

/** An onRequest hook: 401 for guests, 403 for users without the permission. */
export const requirePermission = (permission: string): Guard =>
  guard({ scheme: 'bearer', permission }, async (request) => {
    if (!hasPermission(authOf(request), permission)) {
      throw new Problem('forbidden', `This needs the permission ${permission}.`)
    }
  })

const digest = (text: string) => createHash('sha256').update(text).digest()

/** An onRequest hook for `/internal/…` paths: other services only, known by the environment's token. */
export const requireInternal = (token: string): Guard => {
  const expected = digest(token)
  return guard({ scheme: 'internal' }, async (request) => {
    const given = request.headers['x-internal-token']
    if (typeof given !== 'string' || !timingSafeEqual(digest(given), expected)) {
      throw new Problem('forbidden', 'This path is for other services.')
    }
  })
}
