import type { ServiceName } from '../../../services/gateway/src/proxy/routes.ts'
import { responsesOfEveryOperation, ref } from './gateway-responses.ts'
import type { JsonObject } from './merge-documents.ts'

export const tagOf: Record<ServiceName, string> = {
  user: 'Identity',
  catalog: 'Catalogue',
  inventory: 'Stock',
  order: 'Orders',
  analytics: 'Analytics',
  notification: 'Events and notifications',
}

const OPERATION = 'Operation'

const tagDescriptions: Record<string, string> = {
  [tagOf.user]:
    'The way in: registration, log-in, tokens, and a new password where the old one is forgotten.',
  'My account':
    'What people see and change of their own: profile, addresses, preferences, sessions, personal data.',
  'Accounts of others': 'What staff see and change of people’s accounts.',
  'API keys': 'Keys for machines, which have permissions and no account.',
  [tagOf.catalog]: 'Products, their variants and prices, and the tree of categories. Reading is public.',
  Promotions: 'Discounts and coupon codes, and what they take off given lines.',
  [tagOf.inventory]: 'What there is of each SKU and where, the ledger behind it, and what orders hold.',
  Carts: 'A guest’s cart is reached by its id, which is a secret; a user’s cart is theirs on any device.',
  [tagOf.order]:
    'From checkout to delivery. A guest reaches an order with the token that placing it answered.',
  [tagOf.analytics]: 'What sold, to whom, and what came of it.',
  [tagOf.notification]: 'Webhooks, the feed of public events, and what was sent to whom.',
  Settings: 'Where the shop delivers, for how much, and what tax it adds.',
  [OPERATION]: 'For those who run the shop.',
}

const BEARER = [
  'The `accessToken` that `POST /v1/auth/login` answers: a signed JWT (ES256 or EdDSA, used as RFC8725 advises),',
  'good for some minutes and only as long as its session lives.',
].join(' ')

const healthOfServices: JsonObject = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['status', 'replicas', 'ready', 'breaker'],
    properties: {
      status: { type: 'string', enum: ['ready', 'not-ready'] },
      replicas: { type: 'integer', format: 'int32', minimum: 0, maximum: 1_000 },
      ready: { type: 'integer', format: 'int32', minimum: 0, maximum: 1_000 },
      breaker: {
        type: 'string',
        enum: ['closed', 'open', 'half-open'],
        description: 'open while this gateway does not ask the service, having got no answers from it',
      },
      warnings: {
        type: 'array',
        maxItems: 20,
        items: { type: 'string', maxLength: 500, pattern: '^[^\\r\\n]+$' },
        description: 'what an operator should know of its settings: that the sandbox takes payments, for one',
      },
    },
  },
}

const tagged: JsonObject = { ETag: { $ref: '#/components/headers/ETag' } }

const health = (status: 'ok' | 'degraded', description: string): JsonObject => ({
  description,
  ...(status === 'ok' ? { headers: tagged } : {}),
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['status', 'services'],
        properties: { status: { type: 'string', enum: [status] }, services: healthOfServices },
      },
      example: {
        status,
        services: {
          order: {
            status: status === 'ok' ? 'ready' : 'not-ready',
            replicas: 2,
            ready: status === 'ok' ? 2 : 0,
            breaker: status === 'ok' ? 'closed' : 'open',
          },
        },
      },
    },
  },
})

/** Everything of the document that no service can know. */
export const baseDocument: JsonObject = {
  openapi: '3.1.0',
  info: {
    title: 'Storewright',
    version: '1.0.0',
    contact: { name: 'The operators of this shop' },
    license: { name: 'MIT', identifier: 'MIT' },
    description: [
      'A headless commerce backend: catalogue, stock, carts and orders, accounts.',
      '',
      'To buy something: `GET /v1/products`, `POST /v1/carts`, `PUT /v1/carts/{id}/items/{sku}`, then',
      '`POST /v1/orders` with an `Idempotency-Key`. To do so as somebody: `POST /v1/auth/login`, and send the',
      '`accessToken` as `Authorization: Bearer …`; on this page, put it into the field of the bearer token.',
      '',
      'Errors are `application/problem+json`; `type` is stable. Money is in minor units with its currency.',
      'Lists are read on with `nextCursor`. `Retry-After` of a `503` or `429` is the time to wait.',
      'An `X-Request-Id` of up to 64 letters, digits, `.`, `_` or `-` is taken over, or one is made; the answer',
      'carries it, and so does every event that the request causes.',
      '',
      'Texts of the format `line` are one line that people see: no control, direction or invisible character, and not',
      'blank. E-mail addresses may be written in any form; their domains may have letters of any script.',
    ].join('\n'),
  },
  servers: [{ url: '/', description: 'This shop, be it local or in production', 'x-internal': false }],
  tags: Object.entries(tagDescriptions).map(([name, description]) => ({ name, description })),
  paths: {
    '/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Whether the services are ready',
        description: 'Sums up the readiness of the services; one is ready while one of its replicas is.',
        tags: [OPERATION],
        security: [],
        responses: {
          ...responsesOfEveryOperation,
          200: health('ok', 'Every service is ready'),
          304: { description: 'The answer that is there already is still right', headers: tagged },
          400: ref('malformed-request'),
          503: health('degraded', 'Some service is not ready'),
        },
      },
    },
  },
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: BEARER },
      apiKey: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Api-Key',
        description:
          'For machines: a key that `POST /v1/api-keys` showed once. It opens what its permissions allow.',
      },
      orderToken: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Order-Token',
        description:
          'The `accessToken` that `POST /v1/orders` answered a guest: opens that order and no other.',
      },
    },
  },
}
