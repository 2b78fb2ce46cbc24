import build from 'fast-json-stringify'
import type { Logger } from '../run/logger.ts'
import { isSchema, pick } from '../schema/schemas.ts'

/**
 * Writes answers by their schema, which also keeps back what it does not name. An answer that does not fit is
 * our mistake and no reason to fail the client: it goes out with the named fields as they are, and into the log.
 */
export const createSerializerCompiler =
  (logger: Logger, sharedSchemas: () => Record<string, unknown>) =>
  ({
    schema,
    method,
    url,
    contentType,
  }: {
    schema: unknown
    method: string
    url: string
    contentType?: string | undefined
  }) => {
    if (contentType === 'application/problem+json') return (data: unknown) => JSON.stringify(data)
    // Documented as having no content, also where the status (202) would allow some.
    if (isSchema(schema) && schema.type === 'null') return () => ''
    const strict = build(schema as Parameters<typeof build>[0], {
      // What `addSchema` gave a name, for answers that contain themselves (a tree's nodes).
      schema: sharedSchemas() as Record<string, Parameters<typeof build>[0]>,
    })
    return (data: unknown): string => {
      try {
        return strict(data)
      } catch (error) {
        logger.error({ err: error, method, route: url }, 'an answer does not fit its schema')
        return JSON.stringify(pick(schema, data)) ?? 'null'
      }
    }
  }
