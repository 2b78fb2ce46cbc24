import { createHash } from 'node:crypto'
import type { Logger } from '@storewright/service-kit/run'
import type { Dispatcher } from 'undici'
import { routeFor, type ServiceName } from '../proxy/routes.ts'
import type { Upstreams } from '../proxy/upstreams.ts'
import { frame, tagOf } from './frame.ts'
import { gatewayComponents, gatewayResponses, headersOf } from './gateway-answers.ts'
import { mergeOpenApi, type JsonObject, type OpenApiDocument } from './merge-openapi.ts'

const TIMEOUT_MS = 2_000

/** The merged document, written out. */
export interface OpenApiText {
  text: string
  etag: string
}

const parse = (text: string): OpenApiDocument | undefined => {
  const value: unknown = JSON.parse(text)
  const isDocument = typeof value === 'object' && value !== null && 'paths' in value
  return isDocument && typeof value.paths === 'object' ? (value as OpenApiDocument) : undefined
}

/** One document out of what the services say of themselves. */
const mergeDocuments = (documents: ReadonlyMap<ServiceName, OpenApiDocument>): JsonObject =>
  mergeOpenApi(documents, {
    frame,
    tagOf,
    serviceOf: (path) => routeFor(path)?.service,
    responses: gatewayResponses,
    components: gatewayComponents,
    headersOf,
  })

const write = (texts: readonly (readonly [ServiceName, string])[]): OpenApiText => {
  const documents = new Map(
    texts.flatMap(([name, text]) => {
      const document = parse(text)
      return document ? [[name, document] as const] : []
    }),
  )
  const text = JSON.stringify(mergeDocuments(documents))
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` }
}

/** The merged document. A service that is away keeps the place that its last answer had. */
export const createOpenApi = ({
  agent,
  services,
  cacheMs,
  logger,
}: {
  agent: Dispatcher
  services: ReadonlyMap<ServiceName, Upstreams>
  cacheMs: number
  logger: Logger
}) => {
  // As text: parsed documents would be most of this process's memory.
  const known = new Map<ServiceName, string>()

  const refresh = async (name: ServiceName, upstreams: Upstreams) => {
    try {
      const { statusCode, body } = await agent.request({
        origin: upstreams.next(),
        path: '/openapi.json',
        method: 'GET',
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      })
      const text = await body.text()
      if (statusCode !== 200 || known.get(name) === text || !parse(text)) return false
      known.set(name, text)
      return true
    } catch (error) {
      logger.warn({ err: error, service: name }, 'no description of the service to be had')
      return false
    }
  }

  let written: OpenApiText | undefined
  const read = async (): Promise<OpenApiText> => {
    const changes = await Promise.all([...services].map(([name, upstreams]) => refresh(name, upstreams)))
    if (written && !changes.includes(true)) return written
    // In the table's order, whoever answered first.
    written = write(
      [...services.keys()].flatMap((name) => {
        const text = known.get(name)
        return text === undefined ? [] : [[name, text] as const]
      }),
    )
    return written
  }

  let latest: { at: number; document: Promise<OpenApiText> } | undefined
  return (): Promise<OpenApiText> => {
    if (!latest || performance.now() - latest.at > cacheMs)
      latest = { at: performance.now(), document: read() }
    return latest.document
  }
}
