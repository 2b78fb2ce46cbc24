import { createFinder, headerOf, responseOf, type OpenApi, type Response } from './openapi.ts'
import { createSchemas } from './schemas.ts'

/** An answer as it came over the wire; header names in lower case. */
export type ReceivedAnswer = {
  method: string
  path: string
  status: number
  headers: Record<string, string>
  body: Buffer
}

/** Headers that mean something to clients: where an answer has one, its operation documents it. */
const CHECKED_HEADERS = [
  'etag',
  'location',
  'retry-after',
  'idempotency-replayed',
  'preference-applied',
  'content-disposition',
  'www-authenticate',
]

const mediaTypeOf = (headers: ReceivedAnswer['headers']) => headers['content-type']?.split(';', 1)[0]?.trim()

/** Lists where an answer differs from the document. */
export const createAnswerCheck = (document: OpenApi) => {
  const find = createFinder(document)
  const schemaCheck = createSchemas(document)

  const checkHeaders = (response: Response, { headers }: ReceivedAnswer) => {
    const documented = Object.entries(response.headers ?? {}).map(([name, header]) => ({
      name: name.toLowerCase(),
      ...headerOf(document, header),
    }))
    const names = new Set(documented.map(({ name }) => name))
    return [
      ...CHECKED_HEADERS.filter((name) => headers[name] !== undefined && !names.has(name)).map(
        (name) => `its header ${name} is not documented`,
      ),
      ...documented.flatMap(({ name, required = false, schema }) => {
        const value = headers[name]
        if (value === undefined) return required ? [`it lacks the header ${name}`] : []
        return schemaCheck(schema, { coerce: true })(value).map((fault) => `header ${name}: ${fault}`)
      }),
    ]
  }

  const checkBody = (response: Response, { headers, body }: ReceivedAnswer) => {
    if (!response.content) return body.length > 0 ? ['it has a body, and none is documented'] : []
    const type = mediaTypeOf(headers) ?? 'none'
    const media = response.content[type]
    if (!media) return [`its content type ${type} is not documented`]
    if (!/[/+]json$/.test(type)) return []
    const value: unknown = JSON.parse(body.toString('utf8'))
    return schemaCheck(media.schema)(value)
  }

  return (received: ReceivedAnswer): string[] => {
    const found = find(received.method, received.path)
    if (!found) return []
    const documented = found.operation.responses[String(received.status)]
    const faults = documented
      ? [
          ...checkHeaders(responseOf(document, documented), received),
          ...checkBody(responseOf(document, documented), received),
        ]
      : [`its status is not documented: ${received.body.toString('utf8', 0, 500)}`]
    return faults.map(
      (fault) =>
        `${received.method} ${found.path} (${found.operation.operationId}) answered ${received.status}: ${fault}`,
    )
  }
}
