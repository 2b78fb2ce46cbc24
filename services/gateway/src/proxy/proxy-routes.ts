import { Problem, type Server } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Forwarder } from './forward.ts'
import { isAmbiguousPath } from './path.ts'
import type { Collect, Collected } from './proxy-request.ts'
import { routes, type Route, type ServiceName } from './routes.ts'
import type { Upstreams } from './upstreams.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const

/** Answers from memory or forwards, once for all that ask the same at the same time. */
export type AnswerRead = (
  request: FastifyRequest,
  reply: FastifyReply,
  forward: (collect?: Collect) => Promise<Collected | undefined>,
) => Promise<unknown>

export interface ProxyContext {
  upstreams: ReadonlyMap<ServiceName, Upstreams>
  forwarder: Forwarder
  streamForwarder: Forwarder
  answerRead?: AnswerRead | undefined
  uploadTimeoutMs: number
}

const refuseAmbiguousPaths = (scope: Server) => {
  scope.addHook('onRequest', (request, _reply, done) => {
    const [path] = (request.raw.url ?? '/').split('?', 1)
    done(
      isAmbiguousPath(path!) ? new Problem('malformed-request', 'The path is not a plain one.') : undefined,
    )
  })
}

/** Bodies that are read whole have to arrive in time, or slow senders would pile up. */
const limitUploadTime = (scope: Server, timeoutMs: number) => {
  scope.addHook('preParsing', (request, reply, _payload, done) => {
    if (
      !request.raw.complete &&
      (request.headers['content-length'] ?? request.headers['transfer-encoding'])
    ) {
      const timer = setTimeout(() => {
        void reply.header('connection', 'close')
        void reply.send(new Problem('request-timeout', 'The body did not arrive in time.'))
      }, timeoutMs)
      request.raw.once('close', () => clearTimeout(timer)).once('end', () => clearTimeout(timer))
    }
    done()
  })
}

interface Target {
  upstreams: Upstreams | undefined
  forwarder: Forwarder
  answerRead?: AnswerRead | undefined
}

const addRoute = (scope: Server, route: Route, { upstreams, forwarder, answerRead }: Target) => {
  const { path, timeoutMs, credentials = false, webhooks = false, confirmed = [] } = route
  const handler = async (request: FastifyRequest, reply: FastifyReply) => {
    if (!upstreams) return noSuchPath()
    const forward = (collect?: Collect) =>
      forwarder.forward(request, reply, upstreams, { timeoutMs, collect })
    await (answerRead ? answerRead(request, reply, forward) : forward())
    return undefined
  }
  const add = (url: string, method: string[], counted: boolean) =>
    scope.route({
      method,
      url,
      exposeHeadRoute: false,
      config: { credentials: counted, webhooks, identifies: true },
      handler,
    })
  const others = METHODS.filter((method) => !confirmed.some((one) => one === method))
  add(path, others, credentials)
  if (confirmed.length > 0) add(path, [...confirmed], true)
  add(`${path}/*`, [...METHODS], credentials)
}

const noSuchPath = () => {
  throw new Problem('not-found', 'There is nothing at this path.')
}

/** Forwards the paths of the routing table, whole or as a stream; any other is answered 404. */
export const proxyRoutes = (app: Server, context: ProxyContext) => {
  const { upstreams, forwarder, streamForwarder, answerRead, uploadTimeoutMs } = context

  void app.register((scope: Server, _options, done) => {
    refuseAmbiguousPaths(scope)
    limitUploadTime(scope, uploadTimeoutMs)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body))
    for (const route of routes.filter(({ streams }) => !streams)) {
      addRoute(scope, route, { upstreams: upstreams.get(route.service), forwarder, answerRead })
    }
    scope.route({ method: [...METHODS], url: '/*', exposeHeadRoute: false, handler: noSuchPath })
    done()
  })

  void app.register((scope: Server, _options, done) => {
    refuseAmbiguousPaths(scope)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload))
    for (const route of routes.filter(({ streams }) => streams)) {
      addRoute(scope, route, { upstreams: upstreams.get(route.service), forwarder: streamForwarder })
    }
    done()
  })
}
