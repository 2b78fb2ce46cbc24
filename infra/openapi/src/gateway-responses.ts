import { describeProblemResponses, headerComponents, problemSchema } from '@storewright/service-kit/openapi'
import { problemResponses } from '../../../services/gateway/src/problems.ts'
import type { JsonObject } from './merge-documents.ts'

/** What the gateway may answer in any service's stead, by status. */
const described = describeProblemResponses(
  problemResponses(
    'malformed-request',
    'invalid-token',
    'invalid-api-key',
    'too-many-requests',
    'internal',
    'bad-gateway',
    'unavailable',
    'busy',
    'gateway-timeout',
  ),
)

export const ref = (name: string): JsonObject => ({ $ref: `#/components/responses/${name}` })

const responses = Object.fromEntries(described.map(({ status, name }) => [status, ref(name)]))

/** For each operation that does not describe that status itself. */
export const gatewayResponses: Record<string, JsonObject> = responses

const { 400: _malformed, 401: _token, 502: _bad, 504: _late, ...own } = responses

/** What the gateway's own operations may answer besides their outcome. */
export const responsesOfEveryOperation: Record<string, JsonObject> = own

const count = (description: string): JsonObject => ({
  description,
  required: true,
  schema: { type: 'integer', format: 'int64', minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
})

/** On every answer of the gateway, whoever made it. */
const headersOfEveryResponse: JsonObject = {
  'RateLimit-Limit': count('how many requests are allowed in the present window'),
  'RateLimit-Remaining': count('how many of them are left'),
  'RateLimit-Reset': count('seconds until the window ends'),
  'X-Request-Id': {
    description: 'the request’s id: the one that was sent, or a new one',
    required: true,
    schema: { type: 'string', pattern: '^[A-Za-z0-9._-]{1,64}$', maxLength: 64 },
  },
  'Access-Control-Allow-Origin': {
    description: 'the origins whose pages may read the answer, where the shop lets some',
    schema: { type: 'string', pattern: '^[^\\u0000-\\u0020]*$', maxLength: 2_048 },
  },
}

const headersOfProblems: JsonObject = {
  'Retry-After': {
    description: 'seconds to wait before trying again',
    schema: { type: 'integer', format: 'int32', minimum: 1, maximum: 86_400 },
  },
  'WWW-Authenticate': {
    description: 'the scheme that is asked for',
    required: true,
    schema: { type: 'string', pattern: '^Bearer', maxLength: 200 },
  },
}

export const gatewayComponents: Record<string, JsonObject> = {
  schemas: Object.assign(
    { Problem: problemSchema() },
    ...described.map(({ schemas }) => schemas),
  ) as JsonObject,
  responses: Object.fromEntries(described.map(({ name, response }) => [name, response as JsonObject])),
  headers: { ...(headerComponents() as JsonObject), ...headersOfEveryResponse, ...headersOfProblems },
}

export const headersOf = (status: number): JsonObject => {
  const names = [
    ...Object.keys(headersOfEveryResponse),
    ...(status === 401 ? ['WWW-Authenticate'] : []),
    ...(status === 409 || status === 429 || status === 503 ? ['Retry-After'] : []),
  ]
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))
}
