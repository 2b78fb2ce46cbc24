import fastifyJwt, { type TokenOrHeader } from '@fastify/jwt'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../http/problem.ts'
import type { Auth } from './guards.ts'
import { ALGORITHMS, createKeySet } from './key-set.ts'

export interface AuthOptions {
  jwksUrl: string
  issuer: string
  audience: string
  /** Without it only expiry ends a token; `current` is null where the session or key has ended. */
  revocations?: {
    current(auth: Auth): Auth | null
  }
}

const LEEWAY_SECONDS = 5
const MAX_AGE_SECONDS = 86_400
const MAX_LENGTH = 8_192
const CACHED_TOKENS = 2_000
/** Bounds how long a key that was withdrawn still opens doors. */
const CACHED_FOR_MS = 60_000

interface Claims {
  sub: unknown
  sid: unknown
  roles: unknown
  permissions: unknown
  client?: unknown
  iat: number
  exp: number
}
const REQUIRED_CLAIMS = ['exp', 'iat', 'sub', 'sid', 'roles', 'permissions', 'iss', 'aud']

const invalid = (detail = 'The access token is not valid.') => new Problem('invalid-token', detail)

const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error
  const expired = (error as { code?: unknown }).code === 'FST_JWT_AUTHORIZATION_TOKEN_EXPIRED'
  return expired ? invalid('The access token has expired.') : invalid()
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')

const authFrom = ({ sub, sid, roles, permissions, client, iat }: Claims): Auth => {
  if (typeof sub !== 'string' || typeof sid !== 'string' || !isTexts(roles) || !isTexts(permissions)) {
    throw invalid('A claim of the access token has the wrong type.')
  }
  const kind = client === 'api-key' ? 'api-key' : 'user'
  return { kind, userId: sub, sessionId: sid, roles, permissions, issuedAt: iat }
}

export interface CheckToken {
  (request: FastifyRequest): Promise<Auth>
  /** Whose token that is, by an Authorization header that was checked lately and is good still. */
  known(authorization: string): Auth | undefined
}

const tokenOf = ({ headers }: FastifyRequest) => {
  const token = /^Bearer +([\w-]+\.[\w-]+\.[\w-]+) *$/i.exec(headers.authorization ?? '')?.[1]
  if (token === undefined || token.length > MAX_LENGTH)
    throw invalid('Send "Authorization: Bearer <access token>".')
  return token
}

/** Registers `@fastify/jwt`: `app.jwt.sign` wants key, kid and algorithm with each call. */
export const addTokenCheck = (app: FastifyInstance, options: AuthOptions): CheckToken => {
  const findKey = createKeySet(options.jwksUrl)
  const keyOf = async (_request: FastifyRequest, decoded: TokenOrHeader) => {
    const { header } = decoded as { header: { alg?: unknown; kid?: unknown; crit?: unknown } }
    // Before the key set is asked for, so that tokens which no key could make good cause no request.
    if (!ALGORITHMS.some((algorithm) => algorithm === header.alg) || header.crit !== undefined)
      throw invalid()
    const key = await findKey(header)
    if (key === undefined) throw invalid()
    return key
  }
  const noKey = async () => Promise.reject(new Error('no key was given to sign with'))

  // Called instead of registered: `app.jwt` is there at once.
  fastifyJwt(
    app,
    {
      secret: { public: keyOf, private: noKey },
      decode: { complete: true },
      verify: {
        extractToken: tokenOf,
        algorithms: [...ALGORITHMS],
        allowedIss: options.issuer,
        allowedAud: options.audience,
        requiredClaims: REQUIRED_CLAIMS,
        clockTolerance: LEEWAY_SECONDS * 1_000,
        maxAge: MAX_AGE_SECONDS + LEEWAY_SECONDS,
      },
    },
    (error) => {
      if (error) throw error
    },
  )

  // By the whole header, so that a request with a known token costs a look-up and a look at the clock.
  const checked = new Map<string, { auth: Auth; until: number }>()
  const known = (header: string): Auth | undefined => {
    const entry = checked.get(header)
    return entry && Date.now() < entry.until ? entry.auth : undefined
  }
  const verify = async (request: FastifyRequest, header: string): Promise<Auth> => {
    checked.delete(header)
    const claims = await request.jwtVerify<Claims>().catch((error: unknown) => {
      throw toProblem(error)
    })
    if (claims.iat > Date.now() / 1_000 + LEEWAY_SECONDS) throw invalid()
    const auth = authFrom(claims)

    const [oldest] = checked.keys()
    if (checked.size >= CACHED_TOKENS && oldest !== undefined) checked.delete(oldest)
    checked.set(header, { auth, until: Math.min(claims.exp * 1_000, Date.now() + CACHED_FOR_MS) })
    return auth
  }

  const current = (auth: Auth) => (options.revocations ? options.revocations.current(auth) : auth)
  const check = async (request: FastifyRequest) => {
    const header = request.headers.authorization ?? ''
    const auth = current(known(header) ?? (await verify(request, header)))
    if (!auth) throw invalid('The session has ended.')
    return auth
  }
  return Object.assign(check, {
    known: (header: string) => {
      const auth = known(header)
      return (auth && current(auth)) ?? undefined
    },
  })
}
