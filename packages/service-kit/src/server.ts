import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:net'
import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import underPressure from '@fastify/under-pressure'
import { newId } from '@storewright/database'
import { runWithCorrelation, type Correlation } from '@storewright/messaging/correlation'
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawReplyDefaultExpression,
  type RawRequestDefaultExpression,
  type RawServerDefault,
} from 'fastify'
import { createTokenCheck, type AuthOptions } from './auth.ts'
import { addHealth, type OwnPath, type ReadyChecks } from './health.ts'
import type { Logger } from './logger.ts'
import { createMethodTable } from './methods.ts'
import { requestDuration } from './metrics.ts'
import { completeSchema, openapiOptions } from './openapi.ts'
import { Problem, ProblemBody, renderProblem, sendProblem, type ProblemKind } from './problem.ts'
import { problemOf } from './problem-of.ts'
import { createSerializerCompiler } from './serializer.ts'
import { schemaErrorFormatter, validatorCompiler } from './validation.ts'

export type Server = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

export interface ServerOptions {
  name: string
  version?: string
  logger: Logger
  /** Where access tokens come from; without it the server knows only guests. */
  auth?: AuthOptions
  ready?: ReadyChecks
  /** Paths of the kit that the caller adds itself. */
  own?: readonly OwnPath[]
  /** Bytes; streamed imports read past it. */
  bodyLimit?: number
  /** From the first byte to the last of a request. */
  requestTimeoutMs?: number
  /** Above this the server sheds load with 503. */
  maxEventLoopDelayMs?: number
  /** Whose X-Forwarded-For is believed. */
  trustProxy?: boolean | string
}

declare module 'fastify' {
  interface FastifyRequest {
    correlation: Correlation
  }
}

const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/
const TRACEPARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/

const newTraceparent = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`

const correlationOf = (request: FastifyRequest): Correlation => {
  const { traceparent } = request.headers
  let trace = typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? traceparent : undefined
  return {
    correlationId: request.id,
    causationId: request.id,
    // Made when an event asks for it: randomness is dear, and most requests say nothing.
    get traceparent() {
      return (trace ??= newTraceparent())
    },
  }
}

const CONNECTION_PROBLEMS: Record<string, ProblemKind> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** Answers what is not even a request. */
const answerBrokenConnection = (error: Error & { code?: string }, socket: Socket) => {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  const kind = CONNECTION_PROBLEMS[error.code ?? ''] ?? 'malformed-request'
  const { status, headers, body } = renderProblem(new Problem(kind, 'This is not proper HTTP.'), '', newId())
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' })
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n${body}`,
  )
}

/** Turns any error into its answer, and logs what is our fault; a client's own is told by the status in the log. */
const refuse = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const problem = problemOf(error)
  const route = request.routeOptions.url
  if (problem.kind === 'internal') request.log.error({ err: error, route }, 'failed')
  else if (problem.cause !== undefined && problem.status >= 500) {
    request.log.warn({ err: problem, route }, problem.kind)
  } else if (problem.cause !== undefined && problem.kind === 'invalid-request') {
    request.log.warn({ err: problem.cause, route }, 'a value fits its schema and not its column')
  }
  return sendProblem(problem, request, reply)
}

const addCorrelation = (app: Server) => {
  app.decorateRequest('correlation')
  app.addHook('onRequest', (request, reply, done) => {
    request.correlation = correlationOf(request)
    void reply.header('x-request-id', request.id)
    runWithCorrelation(request.correlation, done)
  })
  // Reading the body continues in the socket's context, so the request's own is entered once more.
  app.addHook('preValidation', (request, _reply, done) => {
    runWithCorrelation(request.correlation, done)
  })
}

const addAuth = (app: Server, options: AuthOptions | undefined) => {
  app.decorateRequest('auth', null)
  if (!options) return
  const check = createTokenCheck(options)
  app.addHook('onRequest', async (request) => {
    const { authorization } = request.headers
    if (authorization !== undefined) request.auth = await check(authorization)
  })
}

const addAccounting = (app: Server) => {
  const duration = requestDuration()
  const quiet = new Set(['/live', '/ready', '/metrics'])
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern and never the path: that may hold a cart's id, which is a secret.
    const route = request.routeOptions.url ?? 'none'
    const ms = reply.elapsedTime
    duration.observe({ method: request.method, route, status: reply.statusCode }, ms / 1_000)
    if (!quiet.has(route)) {
      request.log.info(
        { method: request.method, route, status: reply.statusCode, ms: Math.round(ms * 10) / 10 },
        'answered',
      )
    }
    done()
  })
}

const readJsonOnly = (app: Server) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    // Clients put the content type on requests without a body too; a schema that needs one says so itself.
    if (text === '') done(null, undefined)
    else void parse(request, text as string, done)
  })
}

/** A server with everything that every service needs: see the options. Routes are added by the caller. */
export const createServer = (options: ServerOptions): Server => {
  const { name, logger, version = '0.1.0', ready = {} } = options
  const baseLogger: FastifyBaseLogger = logger
  const app: Server = fastify({
    loggerInstance: baseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: (raw) => {
      const given = raw.headers['x-request-id']
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : newId()
    },
    bodyLimit: options.bodyLimit ?? 1_048_576,
    requestTimeout: options.requestTimeoutMs ?? 120_000,
    // Longer than what a proxy in front keeps, so that it never sends into a connection that is being closed.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    trustProxy: options.trustProxy ?? false,
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenConnection,
    frameworkErrors: (error, request, reply) => {
      void refuse(error, request, reply)
    },
    schemaErrorFormatter,
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(createSerializerCompiler(logger, () => app.getSchemas()))
  app.setErrorHandler(refuse)
  app.addSchema(ProblemBody)
  readJsonOnly(app)

  const methods = createMethodTable()
  app.addHook('onRoute', (route) => {
    methods.add(route.url, route.method)
    completeSchema(route)
  })
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.allowed(request.url.split('?', 1)[0] ?? '/')
    if (allowed.length === 0) throw new Problem('not-found', 'There is nothing at this path.')
    void reply.header('allow', allowed.join(', '))
    throw new Problem('method-not-allowed', `This path takes ${allowed.join(', ')}.`)
  })

  addCorrelation(app)
  addAccounting(app)
  addAuth(app, options.auth)
  // Called instead of registered: a registered plugin loads later and would miss routes that are added right away.
  swagger(app, openapiOptions(name, version), () => undefined)
  void app.register(underPressure, {
    maxEventLoopDelay: options.maxEventLoopDelayMs ?? 3_000,
    retryAfter: 2,
  })
  addHealth(app, ready, logger, options.own)
  return app
}
