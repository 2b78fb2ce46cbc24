import { ProblemBody } from '../http/problem-kinds.ts'
import { describeProblems, type ProblemKind } from './problem-responses.ts'
import { withMadeExamples } from './generate-examples.ts'
import { nameSchemas } from './extract-components.ts'
import { isObject, mapSchemas, mapValues, type Json, type JsonObject } from './json.ts'

const responseHeaders = {
  ETag: {
    description: 'the version of what is answered; for If-Match and If-None-Match',
    required: true,
    schema: { type: 'string', pattern: '^(W/)?"[^"]*"$', maxLength: 200 },
    example: '"3"',
  },
  Location: {
    description: 'the path of what was made',
    required: true,
    schema: { type: 'string', format: 'uri-reference', maxLength: 2_048 },
    example: '/v1/orders/01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  },
  'Idempotency-Replayed': {
    description: 'only on the repeat of a request that was done before',
    schema: { type: 'string', enum: ['true'] },
  },
  'Preference-Applied': {
    description: 'how long the answer would have waited, if `Prefer` asked for it',
    schema: { type: 'string', pattern: '^wait=[0-9]+$', maxLength: 20 },
    example: 'wait=10',
  },
  'Content-Disposition': {
    description: 'the name for a file',
    schema: { type: 'string', pattern: '^attachment', maxLength: 200 },
  },
  'Cache-Control': {
    description: 'how long the answer may be kept',
    required: true,
    schema: { type: 'string', pattern: '^[a-z0-9=, -]+$', maxLength: 200 },
    example: 'no-cache',
  },
} as const satisfies Record<string, JsonObject>

export type ResponseHeader = keyof typeof responseHeaders

const ifNoneMatch = {
  name: 'if-none-match',
  in: 'header',
  required: false,
  description: 'the ETag of the answer that is there already; the same again is not sent',
  schema: { type: 'string', maxLength: 1_000 },
}

const notModified = (headers: Json): JsonObject => ({
  304: { description: 'The answer that is there already is still right', headers },
})

const INT32 = 2 ** 31 - 1
/** Free text: what requests may not hold is in no response either. */
const TEXT = '^[^\\u0000]*$'

const completeSchema = (schema: JsonObject): JsonObject => {
  const types = [schema['type']].flat()
  if (types.includes('integer') && schema['format'] === undefined) {
    const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = schema
    const small = Number(minimum) >= -INT32 && Number(maximum) <= INT32
    return { ...schema, format: small ? 'int32' : 'int64' }
  }
  const restricted = ['format', 'pattern', 'enum', 'const'].some((keyword) => keyword in schema)
  return types.includes('string') && !restricted ? { ...schema, pattern: TEXT } : schema
}

const NO_DESCRIPTION = 'Default Response'

const withWords = (response: Json, summary: Json | undefined): Json =>
  isObject(response) && response['description'] === NO_DESCRIPTION && typeof summary === 'string'
    ? { ...response, description: summary }
    : response

const headersNamed = (names: readonly ResponseHeader[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

const withHeaders = (response: Json, names: readonly ResponseHeader[]): Json => {
  if (!isObject(response) || names.length === 0) return response
  const ofBody = new Set<ResponseHeader>(['ETag', 'Content-Disposition'])
  const sent = names.filter((name) => response['content'] !== undefined || !ofBody.has(name))
  return {
    ...response,
    headers: headersNamed(sent),
  }
}

const withExamples = (described: Json): Json =>
  isObject(described) && described['content'] !== undefined
    ? { ...described, content: withMadeExamples(described['content']) }
    : described

/** The page that tries requests sends what has an example, and nobody needs an optional filter. */
const withoutIdleExamples = (parameters: Json): Json =>
  Array.isArray(parameters)
    ? parameters.map((parameter: Json) => {
        if (!isObject(parameter) || parameter['required'] === true) return parameter
        const { example: _example, examples: _examples, schema = {}, ...rest } = parameter
        const { examples: _inner, ...plain } = schema as JsonObject
        return { ...rest, schema: plain }
      })
    : parameters

const needing = (description: Json | undefined, permission: Json | undefined): JsonObject => {
  if (typeof permission !== 'string') return {}
  const prefix = typeof description === 'string' ? `${description} ` : ''
  return { description: `${prefix}Needs the permission \`${permission}\`.` }
}

const isRead = (method: string, responses: Json | undefined) => {
  const good = isObject(responses) ? responses['200'] : undefined
  return (
    method === 'get' && isObject(good) && isObject(good['content']) && 'application/json' in good['content']
  )
}

/** Problems by reference, headers on successes, the permission in the description. */
const completeOperation = (
  method: string,
  operation: JsonObject,
  components: Record<string, JsonObject>,
): JsonObject => {
  const {
    'x-problems': problems,
    'x-response-headers': sent,
    'x-streamed': streamed,
    ...documented
  } = operation
  const { responses, parameters, ...rest } = documented
  const read = streamed !== true && isRead(method, responses)
  const reading: ResponseHeader[] = read ? ['ETag', 'Cache-Control'] : []
  const names = [...new Set([...((sent ?? []) as ResponseHeader[]), ...reading])]
  const kinds = (problems ?? {}) as unknown as Record<string, ProblemKind[]>
  for (const name of names)
    components['headers'] = { ...components['headers'], [name]: responseHeaders[name] }

  const described = mapValues((responses ?? {}) as JsonObject, (response, status) => {
    const of = kinds[status]
    if (of) {
      const { name, response: problem, schemas } = describeProblems(of)
      components['responses'] = { ...components['responses'], [name]: problem }
      components['schemas'] = { ...components['schemas'], ...schemas }
      return { $ref: `#/components/responses/${name}` }
    }
    if (!status.startsWith('2')) return response
    return withHeaders(withWords(withExamples(response), rest['summary']), names)
  })
  const asked = [
    ...(Array.isArray(parameters) ? (withoutIdleExamples(parameters) as Json[]) : []),
    ...(read ? [ifNoneMatch] : []),
  ]
  return {
    ...rest,
    ...(asked.length > 0 ? { parameters: asked } : {}),
    ...(rest['requestBody'] === undefined ? {} : { requestBody: withExamples(rest['requestBody']) }),
    ...needing(rest['description'], rest['x-permission']),
    responses: { ...described, ...(read ? notModified(headersNamed(reading)) : {}) },
  }
}

export const headerComponents = () =>
  mapSchemas(responseHeaders, completeSchema) as Record<ResponseHeader, JsonObject>

export const problemSchema = (): JsonObject => {
  const { $id: _id, ...schema } = JSON.parse(JSON.stringify(ProblemBody)) as JsonObject
  return mapSchemas(schema, completeSchema) as JsonObject
}

export const completeDocument = <Document extends object>(document: Document): Document => {
  const plain = JSON.parse(JSON.stringify(document)) as JsonObject
  const components = { ...(plain['components'] as Record<string, JsonObject>) }
  const paths = mapValues(plain['paths'] as JsonObject, (methods) =>
    mapValues(methods as JsonObject, (operation, method) =>
      completeOperation(method, operation as JsonObject, components),
    ),
  )
  return nameSchemas(mapSchemas({ ...plain, paths, components }, completeSchema) as JsonObject) as Document
}
