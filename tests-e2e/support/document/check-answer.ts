import { createFinder, headerOf, responseOf, type OpenApi, type Response } from './openapi.ts'
import { createSchemas } from './schemas.ts'

/** An answer as it came over the wire; header names in lower case. */
export type Heard = {
  method: string
  path: string
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** Headers that mean something to clients: where an answer has one, its operation says so. */
const TELLING = [
  'etag',
  'location',
  'retry-after',
  'idempotency-replayed',
  'preference-applied',
  'content-disposition',
  'www-authenticate',
]

const mediaTypeOf = (headers: Heard['headers']) => headers['content-type']?.split(';', 1)[0]?.trim()

/** Says what in an answer is not as the document has it; an empty list where all is. */
export const createAnswerCheck = (document: OpenApi) => {
  const find = createFinder(document)
  const schemaCheck = createSchemas(document)

  const checkHeaders = (response: Response, { headers }: Heard) => {
    const documented = Object.entries(response.headers ?? {}).map(([name, header]) => ({
      name: name.toLowerCase(),
      ...headerOf(document, header),
    }))
    const names = new Set(documented.map(({ name }) => name))
    return [
      ...TELLING.filter((name) => headers[name] !== undefined && !names.has(name)).map(
        (name) => `its header ${name} is not documented`,
      ),
      ...documented.flatMap(({ name, required = false, schema }) => {
        const value = headers[name]
        if (value === undefined) return required ? [`it lacks the header ${name}`] : []
        return schemaCheck(schema, { coerce: true })(value).map((fault) => `header ${name}: ${fault}`)
      }),
    ]
  }

  const checkBody = (response: Response, { headers, body }: Heard) => {
    if (!response.content) return body.length > 0 ? ['it has a body, and none is documented'] : []
    const type = mediaTypeOf(headers) ?? 'none'
    const media = response.content[type]
    if (!media) return [`its content type ${type} is not documented`]
    if (!/[/+]json$/.test(type)) return []
    const value: unknown = JSON.parse(body.toString('utf8'))
    const kinds = response['x-problem-types']
    const kind = String((value as { type?: unknown } | null)?.type)
    return [
      ...schemaCheck(media.schema)(value),
      ...(kinds && !kinds.includes(kind) ? [`its problem ${kind} is not documented`] : []),
    ]
  }

  return (heard: Heard): string[] => {
    const found = find(heard.method, heard.path)
    if (!found) return []
    const documented = found.operation.responses[String(heard.status)]
    const faults = documented
      ? [
          ...checkHeaders(responseOf(document, documented), heard),
          ...checkBody(responseOf(document, documented), heard),
        ]
      : [`its status is not documented: ${heard.body.toString('utf8', 0, 500)}`]
    return faults.map(
      (fault) =>
        `${heard.method} ${found.path} (${found.operation.operationId}) answered ${heard.status}: ${fault}`,
    )
  }
}
