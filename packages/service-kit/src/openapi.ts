import type { FastifySchema, RouteOptions } from 'fastify'
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger'
import { guardOf } from './auth.ts'
import { Kinds, type ProblemKind } from './problem.ts'
import { closed, defaulted, isSchema, simplified } from './schemas.ts'

export const openapiOptions = (name: string, version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: { title: `Storewright ${name}`, version, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        internal: { type: 'apiKey', in: 'header', name: 'x-internal-token' },
      },
    },
  },
  refResolver: {
    buildLocalReference: (json, _base, _fragment, index) =>
      typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
  },
})

/** The problems that a route may answer, for its `response`; those of its guards and schemas come by themselves. */
export const problemResponses = (...kinds: ProblemKind[]): Record<number, object> => {
  const titles = new Map<number, string[]>()
  for (const kind of kinds) {
    const { status, title } = Kinds[kind]
    titles.set(status, [...(titles.get(status) ?? []), title])
  }
  return Object.fromEntries(
    [...titles].map(([status, texts]) => [
      status,
      {
        description: texts.join('; '),
        content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
      },
    ]),
  )
}

const guardsOf = ({ onRequest }: RouteOptions) => {
  const hooks: unknown[] = [onRequest].flat()
  return hooks.map(guardOf).find((found) => found !== undefined)
}

const expectedKinds = (schema: FastifySchema, guard: ReturnType<typeof guardsOf>): ProblemKind[] => [
  'invalid-request',
  ...(schema.params === undefined ? [] : (['not-found'] as const)),
  ...(schema.body === undefined ? [] : (['payload-too-large', 'unsupported-media-type'] as const)),
  ...(guard ? (['unauthenticated'] as const) : []),
  ...(guard?.permission !== undefined || guard?.scheme === 'internal' ? (['forbidden'] as const) : []),
  'too-many-requests',
  'internal',
  'unavailable',
]

const prepared = (schema: unknown, isInput: boolean): unknown => {
  if (!isSchema(schema)) return schema
  return isInput ? closed(defaulted(simplified(schema))) : simplified(schema)
}

const preparedResponses = (responses: unknown): Record<string, unknown> =>
  isSchema(responses)
    ? Object.fromEntries(
        Object.entries(responses).map(([status, schema]) => [status, prepared(schema, false)]),
      )
    : {}

/** Completes what a route declares: unknown properties refused, its guard and its usual problems documented. */
export const completeSchema = (route: RouteOptions): void => {
  const { schema } = route
  if (!schema) return
  const guard = guardsOf(route)
  const hidden = schema.hide ?? (route.url.startsWith('/internal/') || !route.url.startsWith('/'))
  route.schema = {
    ...schema,
    hide: hidden,
    ...(schema.body === undefined ? {} : { body: prepared(schema.body, true) }),
    ...(schema.querystring === undefined ? {} : { querystring: prepared(schema.querystring, true) }),
    ...(schema.params === undefined ? {} : { params: prepared(schema.params, true) }),
    ...(schema.headers === undefined ? {} : { headers: prepared(schema.headers, false) }),
    response: {
      ...problemResponses(...expectedKinds(schema, guard)),
      ...preparedResponses(schema.response),
    },
    security: schema.security ?? (guard ? [{ [guard.scheme]: [] }] : []),
  }
}
