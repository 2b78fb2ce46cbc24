import type { ServiceName } from '../proxy/routes.ts'
import type { JsonObject } from './merge-openapi.ts'

export const tagOf: Record<ServiceName, string> = {
  user: 'Identity',
  catalog: 'Catalogue',
  inventory: 'Stock',
  order: 'Orders',
  analytics: 'Analytics',
  notification: 'Events and notifications',
}

const OPERATION = 'Operation'

const CHAPTERS = [
  tagOf.user,
  tagOf.catalog,
  tagOf.inventory,
  'Carts',
  tagOf.order,
  tagOf.analytics,
  tagOf.notification,
  OPERATION,
]

const problem = (description: string, headers: JsonObject = {}): JsonObject => ({
  description,
  headers,
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
})

const retryAfter: JsonObject = {
  'retry-after': { description: 'seconds to wait', schema: { type: 'integer', minimum: 1 } },
}

/** What the gateway may answer in any service's stead. */
export const gatewayResponses: Record<string, JsonObject> = {
  429: problem('Too many requests', retryAfter),
  502: problem('A part of the shop gave no proper answer'),
  503: problem('Not available at the moment', retryAfter),
  504: problem('A part of the shop did not answer in time'),
}

/** Everything of the document that no service can know. */
export const frame: JsonObject = {
  openapi: '3.1.0',
  info: {
    title: 'Storewright',
    version: '1.0.0',
    license: { name: 'MIT', identifier: 'MIT' },
    description: [
      'A headless commerce backend: catalogue, stock, carts and orders, accounts.',
      '',
      'To buy something: `GET /v1/products`, `POST /v1/carts`, `PUT /v1/carts/{id}/items/{sku}`, then',
      '`POST /v1/orders` with an `Idempotency-Key`. To do so as somebody: `POST /v1/auth/login`, and send the',
      '`accessToken` as `Authorization: Bearer …`.',
      '',
      'Errors are `application/problem+json`; `type` is stable. Money is in minor units with its currency.',
      'Lists are read on with `nextCursor`. A `503` or `429` says in `Retry-After` when to come back.',
    ].join('\n'),
  },
  servers: [{ url: '/' }],
  tags: CHAPTERS.map((name) => ({ name })),
  paths: {
    '/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Whether the services are ready',
        tags: [OPERATION],
        security: [],
        responses: {
          200: { description: 'All are', content: { 'application/json': { schema: { type: 'object' } } } },
          503: {
            description: 'Some are not',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
        },
      },
    },
  },
  components: {
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'The `accessToken` of `POST /v1/auth/login`.',
      },
      orderToken: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Order-Token',
        description: 'The `accessToken` that `POST /v1/orders` gave a guest.',
      },
    },
  },
}
