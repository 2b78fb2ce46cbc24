import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { Problem } from '../http/problem.ts'

export interface Auth {
  /** A person, or a machine with an API key, whose id then stands for user and session. */
  kind: 'user' | 'api-key'
  userId: string
  sessionId: string
  roles: string[]
  permissions: string[]
  /** In seconds since 1970. */
  issuedAt: number
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Null for guests; an invalid token is answered 401 before any route. */
    auth: Auth | null
  }
}

type Guard = (request: FastifyRequest) => Promise<void>

interface GuardMetadata {
  scheme: 'bearer' | 'internal'
  permission?: string
  /** Open to machines too, where they have a permission that people do without. */
  machines?: boolean
}
const guards = new WeakMap<object, GuardMetadata>()

export const guardOf = (hook: unknown) => (typeof hook === 'function' ? guards.get(hook) : undefined)

const guard = (metadata: GuardMetadata, check: Guard): Guard => {
  guards.set(check, metadata)
  return check
}

export const authOf = (request: FastifyRequest): Auth => {
  if (!request.auth) throw new Problem('unauthenticated', 'Log in and send the access token.')
  return request.auth
}

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
