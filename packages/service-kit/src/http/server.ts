import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import underPressure from '@fastify/under-pressure'
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
import { createTokenCheck, type AuthOptions } from '../auth/auth.ts'
import { answerBrokenConnection } from './client-errors.ts'
import { addCompression } from './compression.ts'
import { addConditionalReads } from './etag.ts'
import { addHealth, type OwnPath, type ReadyChecks } from './health.ts'
import type { Logger } from '../run/logger.ts'
import { createMethodTable } from './method-not-allowed.ts'
import { requestDuration } from './metrics.ts'
import { completeSchema, openapiOptions } from '../openapi/openapi.ts'
import { addOrderlyClose } from './graceful-shutdown.ts'
import { Problem, ProblemBody, sendProblem } from './problem.ts'
import { problemOf } from './to-problem.ts'
import { addCorrelation, requestIdOf } from './request-correlation.ts'
import { createSerializerCompiler } from './serializer.ts'
import { schemaErrorFormatter, validatorCompiler } from '../schema/validation.ts'

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
  /** Level of the log line of a request that went well; `debug` where whoever is behind logs it too. */
  successLevel?: 'info' | 'debug'
  /** Paths of the kit that the caller adds itself. */
  own?: readonly OwnPath[]
  /** Bytes; streamed imports read past it. */
  bodyLimit?: number
  /** From the first byte to the last of a request. */
  requestTimeoutMs?: number
  /** Above this the server sheds load with 503. */
  maxEventLoopDelayMs?: number
  /** Whose X-Forwarded-For is believed: addresses and networks, or a decision; the sender itself is hop 0. */
  trustProxy?: boolean | string | ((address: string, hop: number) => boolean)
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

const addAuth = (app: Server, options: AuthOptions | undefined) => {
  app.decorateRequest('auth', null)
  if (!options) return
  const check = createTokenCheck(options)
  app.addHook('onRequest', async (request) => {
    const { authorization } = request.headers
    if (authorization !== undefined) request.auth = await check(authorization)
  })
}

const addAccounting = (app: Server, successLevel: 'info' | 'debug' = 'info') => {
  const duration = requestDuration()
  const quiet = new Set(['/live', '/ready', '/metrics'])
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern and never the path: that may hold a cart's id, which is a secret.
    const route = request.routeOptions.url ?? 'none'
    const ms = reply.elapsedTime
    duration.observe({ method: request.method, route, status: reply.statusCode }, ms / 1_000)
    if (!quiet.has(route)) {
      const level = reply.statusCode < 400 ? successLevel : 'info'
      request.log[level](
        { method: request.method, route, status: reply.statusCode, ms: Math.round(ms * 10) / 10 },
        'answered',
      )
    }
    done()
  })
}

/** An empty answer has no type, or clients would read the nothing that it is as JSON. */
const addEmptyAnswers = (app: Server) => {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (payload === '') void reply.removeHeader('content-type')
    done(null, payload)
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
    genReqId: requestIdOf,
    bodyLimit: options.bodyLimit ?? 1_048_576,
    requestTimeout: options.requestTimeoutMs ?? 120_000,
    // Longer than what a proxy in front keeps, so that it never sends into a connection that is being closed.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // What comes in on an open connection while closing is served like what was there before.
    return503OnClosing: false,
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

  addOrderlyClose(app)
  addCorrelation(app)
  addAccounting(app, options.successLevel)
  addAuth(app, options.auth)
  addEmptyAnswers(app)
  addConditionalReads(app)
  addCompression(app)
  // Called instead of registered: a registered plugin loads later and would miss routes that are added right away.
  swagger(app, openapiOptions(name, version), () => undefined)
  void app.register(underPressure, {
    maxEventLoopDelay: options.maxEventLoopDelayMs ?? 3_000,
    retryAfter: 2,
  })
  addHealth(app, ready, logger, options.own)
  return app
}
