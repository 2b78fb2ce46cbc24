import swagger from '@fastify/swagger'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import underPressure from '@fastify/under-pressure'
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import { addTokenCheck, type AuthOptions } from '../auth/access-tokens.ts'
import { completeSchema, openapiOptions } from '../openapi/openapi.ts'
import { schemaErrorFormatter, validatorCompiler } from '../schema/validation.ts'
import { answerClientError } from './client-errors.ts'
import { addCompression } from './compression.ts'
import { addEtags } from './etag.ts'
import { addGracefulShutdown } from './graceful-shutdown.ts'
import { addHealth } from './health.ts'
import { createMethodTable } from './method-not-allowed.ts'
import { requestDuration } from './metrics.ts'
import { Problem, sendProblem } from './problem.ts'
import { ProblemBody } from './problem-kinds.ts'
import { addCorrelation, requestIdOf } from './request-correlation.ts'
import { createSerializerCompiler } from './serializer.ts'
import type { Server, ServerOptions } from './server-types.ts'
import { toProblem } from './to-problem.ts'
import { dropTrackingParameters } from './tracking-parameters.ts'

/** Logs server faults; client errors show in the access log. */
const handleError = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const problem = toProblem(error)
  const route = request.routeOptions.url
  if (problem.kind === 'internal') request.log.error({ err: error, route }, 'request failed')
  else if (problem.cause !== undefined && problem.status >= 500) {
    request.log.warn({ err: problem, route }, problem.kind)
  } else if (problem.cause !== undefined && problem.kind === 'invalid-request') {
    request.log.warn({ err: problem.cause, route }, 'a value fits its schema but not its column')
  }
  return sendProblem(problem, request, reply)
}

const addAuth = (app: Server, options: AuthOptions | undefined) => {
  app.decorateRequest('auth', null)
  if (!options) return
  const check = addTokenCheck(app, options)
  app.addHook('onRequest', async (request) => {
    if (request.headers.authorization !== undefined) request.auth = await check(request)
  })
}

const READS = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Reads that succeed are many, show in the metrics, and a line costs a fair part of one: they are logged at debug. */
const addAccessLog = (app: Server, successLevel: 'info' | 'debug' = 'info') => {
  const duration = requestDuration()
  const quiet = new Set(['/live', '/ready', '/metrics'])
  app.addHook('onResponse', (request, reply, done) => {
    // The pattern and never the path: that may hold a cart's id, which is a secret.
    const route = request.routeOptions.url ?? 'none'
    const ms = reply.elapsedTime
    duration.observe({ method: request.method, route, status: reply.statusCode }, ms / 1_000)
    if (!quiet.has(route)) {
      const level = reply.statusCode >= 400 ? 'info' : READS.has(request.method) ? 'debug' : successLevel
      request.log[level](
        { method: request.method, route, status: reply.statusCode, ms: Math.round(ms * 10) / 10 },
        'request completed',
      )
    }
    done()
  })
}

/** An empty response has no content type, or clients would parse it as JSON. */
const addEmptyResponses = (app: Server) => {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (payload === '') void reply.removeHeader('content-type')
    done(null, payload)
  })
}

const readJsonOnly = (app: Server) => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text, done) => {
    if (request.headers['content-encoding'] !== undefined) {
      done(new Problem('unsupported-media-type', 'Send the body without a Content-Encoding.'))
    } else if (text === '') done(null, undefined)
    else void parse(request, text as string, done)
  })
}

export const createServer = (options: ServerOptions): Server => {
  const { logger, ready = {} } = options
  const baseLogger: FastifyBaseLogger = logger
  const app: Server = fastify({
    loggerInstance: baseLogger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'requestId' }),
    requestIdHeader: false,
    genReqId: requestIdOf,
    bodyLimit: options.bodyLimit ?? 1_048_576,
    requestTimeout: options.requestTimeoutMs ?? 120_000,
    // Longer than an upstream proxy's, so that it never sends into a connection that is being closed.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    // Requests that arrive on open connections during shutdown are still served.
    return503OnClosing: false,
    trustProxy: options.trustProxy ?? false,
    routerOptions: { maxParamLength: 500, ignoreTrailingSlash: true },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      void handleError(error, request, reply)
    },
    schemaErrorFormatter,
  }).withTypeProvider<TypeBoxTypeProvider>()

  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(createSerializerCompiler(logger, () => app.getSchemas()))
  app.setErrorHandler(handleError)
  app.addSchema(ProblemBody)
  readJsonOnly(app)

  const methods = createMethodTable()
  app.addHook('onRoute', (route) => {
    methods.add(route.url, route.method)
    completeSchema(route)
  })
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.allowed(request.url.split('?', 1)[0] ?? '/')
    if (allowed.length === 0) throw new Problem('not-found', 'There is no such path.')
    void reply.header('allow', allowed.join(', '))
    throw new Problem('method-not-allowed', `This path allows ${allowed.join(', ')}.`)
  })

  addGracefulShutdown(app)
  addCorrelation(app)
  dropTrackingParameters(app)
  addAccessLog(app, options.successLevel)
  addAuth(app, options.auth)
  addEmptyResponses(app)
  addEtags(app, options.privatePaths)
  addCompression(app)
  // Called instead of registered: a registered plugin loads later and would miss routes that are added right away.
  swagger(app, openapiOptions(options), () => undefined)
  void app.register(underPressure, {
    maxEventLoopDelay: options.maxEventLoopDelayMs ?? 3_000,
    retryAfter: 2,
  })
  addHealth(app, ready, logger, options)
  return app
}
