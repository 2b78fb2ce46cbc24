import type { FastifySchema, RouteOptions } from 'fastify'
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { guardOf } from '../auth/guards.ts'
import { completeDocument, type ResponseHeader } from './document.ts'
import { problemResponses } from '../http/define-problems.ts'
import { requireIdempotencyKey } from '../http/idempotency.ts'
import type { GeneralProblem } from '../http/problem-kinds.ts'
import type { ServerOptions } from '../http/server-types.ts'
import { joinResponses, kindsByStatus } from './problem-responses.ts'
import { closeObjects, relaxDefaults, isSchema, simplifyUnions } from '../schema/schemas.ts'

declare module 'fastify' {
  interface FastifySchema {
    streamed?: boolean
    /** Headers of successes, besides those that follow from the request's own. */
    responseHeaders?: readonly ResponseHeader[]
  }
}

const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
  internal: { type: 'apiKey', in: 'header', name: 'x-internal-token' },
} as const

export const openapiOptions = ({
  name,
  version = '0.1.0',
  securitySchemes: own,
}: ServerOptions): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: `Storewright ${name}`, version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    components: { securitySchemes: { ...securitySchemes, ...own } },
  },
  refResolver: {
    buildLocalReference: (json, _base, _fragment, index) =>
      typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
  },
  transformObject: (given) =>
    'openapiObject' in given ? completeDocument(given.openapiObject) : given.swaggerObject,
})

type Guard = ReturnType<typeof guardOf>

const guardAmong = ({ onRequest }: RouteOptions): Guard => {
  const hooks: unknown[] = [onRequest].flat()
  return hooks.map(guardOf).find((found) => found !== undefined)
}

const namesIn = (schema: unknown): Record<string, unknown> =>
  isSchema(schema) ? (schema.properties ?? {}) : {}

const requires = (schema: unknown, name: string) =>
  isSchema(schema) && Array.isArray(schema['required']) && schema['required'].includes(name)

const expectedKinds = (schema: FastifySchema, guard: Guard): GeneralProblem[] => {
  const headers = namesIn(schema.headers)
  const has = (...kinds: GeneralProblem[]) => kinds
  return [
    'invalid-request',
    'malformed-request',
    ...('cursor' in namesIn(schema.querystring) ? has('invalid-cursor') : []),
    ...(requires(schema.headers, 'idempotency-key') ? has('idempotency-key-required') : []),
    ...('idempotency-key' in headers ? has('idempotency-running', 'idempotency-mismatch') : []),
    ...('if-match' in headers ? has('stale-version') : []),
    ...(schema.params === undefined ? [] : has('not-found')),
    ...(schema.body === undefined
      ? []
      : has('request-timeout', 'payload-too-large', 'unsupported-media-type')),
    ...(guard ? has('unauthenticated', 'forbidden') : []),
    // Bad credentials are refused wherever they are sent.
    'invalid-token',
    'invalid-api-key',
    'too-many-requests',
    'internal',
    'unavailable',
    'busy',
  ]
}

/** A permission may be a machine's, an account is a person's. */
const securityOf = (guard: Guard): Record<string, string[]>[] => {
  if (!guard) return [{}, { bearer: [] }]
  if (guard.scheme === 'internal') return [{ internal: [] }]
  const isForMachines = guard.permission !== undefined || guard.machines
  return isForMachines ? [{ bearer: [] }, { apiKey: [] }] : [{ bearer: [] }]
}

const prepared = (schema: unknown, isInput: boolean): unknown => {
  if (!isSchema(schema)) return schema
  return isInput ? closeObjects(relaxDefaults(simplifyUnions(schema))) : simplifyUnions(schema)
}

const preparedResponses = (responses: unknown): Record<string, unknown> =>
  isSchema(responses)
    ? Object.fromEntries(
        Object.entries(responses).map(([status, schema]) => [status, prepared(schema, false)]),
      )
    : {}

const sentWith = ({ responseHeaders = [], headers }: FastifySchema): ResponseHeader[] => [
  ...new Set([
    ...responseHeaders,
    ...('if-match' in namesIn(headers) ? (['ETag'] as const) : []),
    ...('idempotency-key' in namesIn(headers) ? (['Idempotency-Replayed'] as const) : []),
  ]),
]

/** A route of the API that names no query parameters takes none. */
const querystringOf = ({ url }: RouteOptions, { querystring }: FastifySchema): { querystring?: unknown } => {
  if (querystring !== undefined) return { querystring: prepared(querystring, true) }
  return url.startsWith('/v1/')
    ? { querystring: { type: 'object', properties: {}, additionalProperties: false } }
    : {}
}

export const completeSchema = (route: RouteOptions): void => {
  const { schema } = route
  if (!schema) return
  const guard = guardAmong(route)
  if (requires(schema.headers, 'idempotency-key')) {
    // After the guards: a caller who may not do it learns nothing else.
    route.onRequest = [...[route.onRequest ?? []].flat(), requireIdempotencyKey]
  }
  const hidden = schema.hide ?? (route.url.startsWith('/internal/') || !route.url.startsWith('/'))
  const response = joinResponses(
    problemResponses(...expectedKinds(schema, guard)),
    preparedResponses(schema.response),
  )
  route.schema = {
    ...schema,
    hide: hidden,
    ...(schema.body === undefined ? {} : { body: prepared(schema.body, true) }),
    ...querystringOf(route, schema),
    ...(schema.params === undefined ? {} : { params: prepared(schema.params, true) }),
    ...(schema.headers === undefined ? {} : { headers: prepared(schema.headers, false) }),
    response,
    security: schema.security ?? securityOf(guard),
    'x-problems': kindsByStatus(response),
    'x-response-headers': sentWith(schema),
    ...(schema.streamed ? { 'x-streamed': true } : {}),
    ...(guard?.permission === undefined ? {} : { 'x-permission': guard.permission }),
  } as FastifySchema
}
