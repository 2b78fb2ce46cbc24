import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import type { AuthOptions } from '../auth/access-tokens.ts'
import type { Logger } from '../run/logger.ts'

export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** Each must resolve for the service to be ready; the response shows what it resolves to. */
export type ReadyChecks = Record<string, () => unknown>

export type OverridablePath = '/metrics' | '/openapi.json'

export interface ServerOptions {
  name: string
  version?: string
  logger: Logger
  auth?: AuthOptions
  ready?: ReadyChecks
  /** What an operator should know as long as it runs so; `/ready` and the gateway's `/health` repeat it. */
  warnings?: readonly string[]
  /** Of a successful write's log line; `debug` where an upstream service logs it too. */
  successLevel?: 'info' | 'debug'
  override?: readonly OverridablePath[]
  /** Beginnings of paths that a secret in the URL opens: no shared cache may keep their responses. */
  privatePaths?: readonly string[]
  /** By the name that a route's `security` uses. */
  securitySchemes?: Readonly<Record<string, { type: 'apiKey'; in: 'header'; name: string }>>
  /** Bytes; streamed imports read past it. */
  bodyLimit?: number
  requestTimeoutMs?: number
  /** Above this event loop delay the server sheds load with 503. */
  maxEventLoopDelayMs?: number
  /** Whose X-Forwarded-For is trusted: addresses and networks, or a decision; the sender itself is hop 0. */
  trustProxy?: boolean | string | ((address: string, hop: number) => boolean)
}
