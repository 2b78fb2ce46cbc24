import { Type } from 'typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Every kind of problem that the API answers: kind → status and title. Kinds are public and stable. */
export const Kinds = {
  // What any request may meet.
  'invalid-request': { status: 400, title: 'The request does not fit its schema' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'invalid-cursor': { status: 400, title: 'The cursor is not one that this list gave' },
  'idempotency-key-required': { status: 400, title: 'An Idempotency-Key is required' },
  unauthenticated: { status: 401, title: 'A valid access token is required' },
  'invalid-token': { status: 401, title: 'The access token is not valid' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'In conflict with the present state' },
  'idempotency-running': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
  },
  'stale-version': { status: 412, title: 'Changed by somebody else in the meantime' },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The URL is too long' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  unprocessable: { status: 422, title: 'The request makes no sense' },
  'idempotency-mismatch': { status: 422, title: 'The Idempotency-Key was used with another body' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  'bad-gateway': { status: 502, title: 'A part of the shop gave no proper answer' },
  busy: { status: 503, title: 'Too busy at the moment' },
  unavailable: { status: 503, title: 'Not available at the moment' },
  'gateway-timeout': { status: 504, title: 'A part of the shop did not answer in time' },

  // Identity.
  'email-taken': { status: 409, title: 'The e-mail address has an account already' },
  'invalid-credentials': { status: 401, title: 'E-mail or password is wrong' },
  'invalid-refresh-token': { status: 401, title: 'The refresh token is not valid' },
  'account-locked': { status: 429, title: 'Too many failed log-ins' },
  'account-disabled': { status: 403, title: 'The account is disabled' },
  'weak-password': { status: 422, title: 'The password is too easy to guess' },
  'wrong-password': { status: 403, title: 'The current password is another one' },
  'invalid-api-key': { status: 401, title: 'The API key is not valid' },
  'not-on-yourself': { status: 403, title: 'Not on your own account' },
  'beyond-your-permissions': { status: 403, title: 'More than you may do yourself' },
  'last-admin': { status: 409, title: 'The shop needs another administrator' },
  'invalid-one-time-token': { status: 422, title: 'The token is wrong, was used or has expired' },

  // Catalogue.
  'slug-taken': { status: 409, title: 'The slug is taken' },
  'sku-taken': { status: 409, title: 'The SKU is taken' },
  'unknown-category': { status: 422, title: 'There is no such category' },
  'category-cycle': { status: 422, title: 'A category cannot be below itself' },
  'category-in-use': { status: 409, title: 'The category is in use' },
  'currency-mismatch': { status: 422, title: 'The currencies differ' },

  // Stock.
  'unknown-sku': { status: 422, title: 'There is no such SKU' },
  'unknown-location': { status: 422, title: 'There is no such location' },
  'insufficient-stock': { status: 409, title: 'Not enough stock' },

  // Carts, orders, payments.
  'product-unavailable': { status: 422, title: 'The product cannot be bought' },
  'cart-empty': { status: 422, title: 'The cart is empty' },
  'cart-ordered': { status: 409, title: 'The cart was ordered already' },
  'total-changed': { status: 409, title: 'The total is not the expected one' },
  'unknown-shipping-method': { status: 422, title: 'There is no such shipping method' },
  'unknown-payment-provider': { status: 422, title: 'There is no such payment provider' },
  'wrong-state': { status: 409, title: 'Not possible in the present state' },
  'payment-unresolved': { status: 409, title: 'A payment attempt is still unresolved' },
} as const satisfies Record<string, { status: number; title: string }>

export type ProblemKind = keyof typeof Kinds

/** The stable name by which clients know a kind. */
export const problemType = (kind: ProblemKind): string => `urn:storewright:problem:${kind}`

export interface FieldError {
  /** Dotted, e.g. `items.0.quantity`; empty for the whole. */
  path: string
  message: string
}

export interface ProblemExtra {
  errors?: FieldError[]
  /** Seconds; becomes the Retry-After header. */
  retryAfter?: number
  [member: string]: unknown
}

/** A request that must not happen. `kind` is stable and public; `detail` may be reworded. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly kind: ProblemKind
  readonly extra: ProblemExtra
  constructor(kind: ProblemKind, detail: string, extra: ProblemExtra = {}, options?: ErrorOptions) {
    super(detail, options)
    this.kind = kind
    this.extra = extra
  }

  get status(): number {
    return Kinds[this.kind].status
  }
}

/** Ends the request: there is no such thing, or not for this caller. */
export const notFound = (thing: string, id: string): never => {
  throw new Problem('not-found', `There is no ${thing} ${id}.`)
}

/** No detail is longer: what a client sent may be quoted in it. */
const MAX_DETAIL = 2_000

/** What a field is called and what is wrong with it; both are cut where they are told. */
export const FieldErrorShape = Type.Object({
  path: Type.String({
    maxLength: 500,
    description: 'dotted; empty for the whole',
    examples: ['items.0.sku'],
  }),
  message: Type.String({ maxLength: 2_000, examples: ['is required'] }),
})

/** The body of every answer that is not a success (RFC 9457). */
export const ProblemBody = Type.Object(
  {
    type: Type.String({
      pattern: '^urn:storewright:problem:[a-z0-9-]+$',
      maxLength: 100,
      description: 'stable: what a program decides by',
      examples: ['urn:storewright:problem:not-found'],
    }),
    title: Type.String({ maxLength: 200, description: 'the type in words', examples: ['Not found'] }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'the status of the answer' }),
    detail: Type.String({ maxLength: MAX_DETAIL, description: 'this case in words' }),
    instance: Type.String({ maxLength: 16_384, description: 'the path of the request' }),
    requestId: Type.String({
      maxLength: 64,
      description: 'X-Request-Id of the answer; name it when asking for help',
    }),
    errors: Type.Optional(
      Type.Array(FieldErrorShape, { maxItems: 1_000, description: 'which fields are wrong, where some are' }),
    ),
  },
  { $id: 'Problem', additionalProperties: true, description: 'RFC 9457 problem details' },
)

/** The headers and body of a problem, for whoever writes the answer. */
export const renderProblem = (problem: Problem, instance: string, requestId: string) => {
  const { retryAfter, ...extra } = problem.extra
  const { status, title } = Kinds[problem.kind]
  const headers: Record<string, string> = {
    'content-type': 'application/problem+json; charset=utf-8',
    // A cache would keep a 404 by itself: for whoever comes with the right token, and for what is there by then.
    'cache-control': 'no-store',
    'x-request-id': requestId,
  }
  if (retryAfter !== undefined) headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfter)))
  if (status === 401) {
    headers['www-authenticate'] = problem.kind === 'invalid-token' ? 'Bearer error="invalid_token"' : 'Bearer'
  }
  const body = JSON.stringify({
    ...extra,
    type: problemType(problem.kind),
    title,
    status,
    detail: problem.message.slice(0, MAX_DETAIL),
    instance,
    requestId,
  })
  return { status, headers, body }
}

/** Answers with the problem. Goes around the route's response schema, which describes its successes. */
export const sendProblem = (problem: Problem, request: FastifyRequest, reply: FastifyReply) => {
  const path = request.url.split('?', 1)[0] ?? '/'
  const { status, headers, body } = renderProblem(problem, path, request.id)
  return reply.code(status).headers(headers).send(body)
}
