import { ProblemBody, type Logger } from '@storewright/service-kit'
import type { Dispatcher } from 'undici'
import { routeFor, type ServiceName } from '../proxy/routes.ts'
import type { Upstreams } from '../proxy/upstreams.ts'
import { frame, gatewayResponses, tagOf } from './frame.ts'
import { mergeOpenApi, type JsonObject, type OpenApiDocument } from './merge-openapi.ts'

const TIMEOUT_MS = 2_000

const { $id: _id, ...Problem } = ProblemBody as unknown as JsonObject

const isDocument = (value: unknown): value is OpenApiDocument =>
  typeof value === 'object' && value !== null && 'paths' in value && typeof value.paths === 'object'

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
  const known = new Map<ServiceName, OpenApiDocument>()

  const refresh = async (name: ServiceName, upstreams: Upstreams) => {
    try {
      const { statusCode, body } = await agent.request({
        origin: upstreams.next(),
        path: '/openapi.json',
        method: 'GET',
        headersTimeout: TIMEOUT_MS,
        bodyTimeout: TIMEOUT_MS,
      })
      const document: unknown = await body.json()
      if (statusCode === 200 && isDocument(document)) known.set(name, document)
    } catch (error) {
      logger.warn({ err: error, service: name }, 'no description of the service to be had')
    }
  }

  const merge = async (): Promise<JsonObject> => {
    await Promise.all([...services].map(([name, upstreams]) => refresh(name, upstreams)))
    // In the table's order, whoever answered first.
    const documents = new Map(
      [...services.keys()].flatMap((name) => {
        const document = known.get(name)
        return document ? [[name, document] as const] : []
      }),
    )
    const serviceOf = (path: string) => routeFor(path)?.service
    return mergeOpenApi(documents, {
      frame,
      tagOf,
      serviceOf,
      responses: gatewayResponses,
      schemas: { Problem },
    })
  }

  let latest: { at: number; document: Promise<JsonObject> } | undefined
  return (): Promise<JsonObject> => {
    if (!latest || performance.now() - latest.at > cacheMs)
      latest = { at: performance.now(), document: merge() }
    return latest.document
  }
}
