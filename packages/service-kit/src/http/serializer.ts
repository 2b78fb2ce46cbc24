import build from 'fast-json-stringify'
import type { Logger } from '../run/logger.ts'
import { isSchema, pick } from '../schema/schemas.ts'

/** A response that does not fit is our mistake: the client gets the named fields as they are, and the log the error. */
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
    if (isSchema(schema) && schema.type === 'null') return () => ''
    const strict = build(schema as Parameters<typeof build>[0], {
      // What was stored before a rule for text came is shown as it is.
      ajv: { formats: { line: true } },
      // For responses that contain themselves (a tree's nodes).
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
