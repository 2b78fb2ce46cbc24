import { Type, type TObject } from 'typebox'

export interface ProblemDefinition {
  status: number
  title: string
  /** Members beside those of every problem; a title names the schema in the document. */
  extra?: TObject
}
export type ProblemDefinitions = Readonly<Record<string, ProblemDefinition>>

/** The kinds that any service may answer. Kinds are public and stable. */
export const generalProblems = {
  'invalid-request': { status: 400, title: 'The request does not fit its schema' },
  'malformed-request': { status: 400, title: 'The request cannot be read' },
  'invalid-cursor': { status: 400, title: 'The cursor does not belong to this list' },
  'idempotency-key-required': { status: 400, title: 'An Idempotency-Key is required' },
  unauthenticated: { status: 401, title: 'A valid access token is required' },
  'invalid-token': { status: 401, title: 'The access token is not valid' },
  'invalid-api-key': { status: 401, title: 'The API key is not valid' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  'method-not-allowed': { status: 405, title: 'Method not allowed' },
  'request-timeout': { status: 408, title: 'The request took too long to arrive' },
  conflict: { status: 409, title: 'In conflict with the present state' },
  'idempotency-running': {
    status: 409,
    title: 'The first request with this Idempotency-Key is still running',
  },
  'stale-version': {
    status: 412,
    title: 'Changed by another request in the meantime',
    extra: Type.Object({
      version: Type.Integer({
        minimum: 0,
        maximum: 2_147_483_647,
        description: 'the present version',
        examples: [4],
      }),
    }),
  },
  'payload-too-large': { status: 413, title: 'The body is too large' },
  'uri-too-long': { status: 414, title: 'The URL is too long' },
  'unsupported-media-type': { status: 415, title: 'The content type is not supported' },
  unprocessable: { status: 422, title: 'The request cannot be carried out' },
  'idempotency-mismatch': { status: 422, title: 'The Idempotency-Key was used with another body' },
  'too-many-requests': { status: 429, title: 'Too many requests' },
  'headers-too-large': { status: 431, title: 'The headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  busy: { status: 503, title: 'Too busy at the moment' },
  unavailable: { status: 503, title: 'Not available at the moment' },
} as const satisfies ProblemDefinitions

export type GeneralProblem = keyof typeof generalProblems

export const problemType = (kind: string): string => `urn:storewright:problem:${kind}`

export interface FieldError {
  /** Dotted, e.g. `items.0.quantity`; empty for the whole. */
  path: string
  message: string
}

export const FieldErrorShape = Type.Object({
  path: Type.String({
    maxLength: 500,
    description: 'dotted; empty for the whole',
    examples: ['items.0.sku'],
  }),
  message: Type.String({ maxLength: 2_000, examples: ['is required'] }),
})

export const MAX_DETAIL = 2_000

/** The body of every response that is not a success (RFC 9457). */
export const ProblemBody = Type.Object(
  {
    type: Type.String({
      pattern: '^urn:storewright:problem:[a-z0-9-]+$',
      maxLength: 100,
      description: 'stable: what a program decides by',
      examples: ['urn:storewright:problem:not-found'],
    }),
    title: Type.String({ maxLength: 200, description: 'the type in words', examples: ['Not found'] }),
    status: Type.Integer({ minimum: 400, maximum: 599, description: 'the status of the response' }),
    detail: Type.String({ maxLength: MAX_DETAIL, description: 'this case in words' }),
    instance: Type.String({ maxLength: 16_384, description: 'the path of the request' }),
    requestId: Type.String({
      maxLength: 64,
      description: 'X-Request-Id of the response; name it when asking for help',
    }),
    errors: Type.Optional(
      Type.Array(FieldErrorShape, { maxItems: 1_000, description: 'which fields are wrong, where some are' }),
    ),
  },
  { $id: 'Problem', additionalProperties: true, description: 'RFC 9457 problem details' },
)
