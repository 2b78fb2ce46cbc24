import { operationsOf, responseOf, type Media, type OpenApi } from './openapi.ts'
import { createSchemas } from './schemas.ts'

type Example = { where: string; value: unknown; schema: object }

const valuesOf = ({ example, examples = {} }: Media): unknown[] => [
  ...(example === undefined ? [] : [example]),
  ...Object.values(examples).map(({ value }) => value),
]

const inContent = (where: string, content: Record<string, Media> = {}): Example[] =>
  Object.entries(content).flatMap(([type, media]) =>
    valuesOf(media).map((value) => ({ where: `${where} (${type})`, value, schema: media.schema })),
  )

/** `examples` within schemas; each is one of the schema that it stands in. */
const inSchemas = (where: string, schema: unknown): Example[] => {
  if (typeof schema !== 'object' || schema === null) return []
  const here = 'examples' in schema && Array.isArray(schema.examples) ? (schema.examples as unknown[]) : []
  return [
    ...here.map((value) => ({ where, value, schema })),
    ...Object.entries(schema)
      .filter(([key]) => !['example', 'examples', 'enum', 'default'].includes(key))
      .flatMap(([key, inner]) => inSchemas(`${where}/${key}`, inner)),
  ]
}

/** Every example of the document that does not fit where it stands. */
export const findWrongExamples = (document: OpenApi): string[] => {
  const schemaCheck = createSchemas(document)
  const examples = operationsOf(document).flatMap(({ operation }) => [
    ...inContent(`${operation.operationId}, body`, operation.requestBody?.content),
    ...inSchemas(operation.operationId, operation.requestBody),
    ...inSchemas(operation.operationId, operation.parameters),
    ...Object.entries(operation.responses).flatMap(([status, response]) => [
      ...inContent(`${operation.operationId}, ${status}`, responseOf(document, response).content),
      ...inSchemas(`${operation.operationId}/${status}`, response),
    ]),
  ])
  return [...examples, ...inSchemas('components', document.components)].flatMap(({ where, value, schema }) =>
    schemaCheck(schema)(value).map((fault) => `${where}: ${fault}`),
  )
}

/** Operations with a JSON body, or a JSON answer that is good, and no example of it. */
export const findMissingExamples = (document: OpenApi): string[] => {
  const lacking = (where: string, content: Record<string, Media> = {}) =>
    Object.entries(content)
      .filter(([, media]) => valuesOf(media).length === 0 && !hasExamples(document, media.schema))
      .map(([type]) => `${where} (${type})`)
  return operationsOf(document).flatMap(({ operation }) => [
    ...lacking(`${operation.operationId}, body`, operation.requestBody?.content),
    ...Object.entries(operation.responses)
      .filter(([status]) => status.startsWith('2'))
      .flatMap(([status, response]) =>
        lacking(`${operation.operationId}, ${status}`, responseOf(document, response).content),
      ),
  ])
}

const hasExamples = ({ components }: OpenApi, schema: object): boolean => {
  if ('examples' in schema) return true
  const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined
  return name !== undefined && 'examples' in (components.schemas[name] ?? {})
}
