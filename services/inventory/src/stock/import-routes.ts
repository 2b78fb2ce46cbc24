import { Readable } from 'node:stream'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { ImportReport, Problem, problemResponses, type Server } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { importStocktake } from './import-stocktake.ts'
import { BadHeader } from './parse-stock-csv.ts'

/** Other encodings would garble the SKUs line by line; they are refused at once. */
const requireReadable = ({ headers, body }: FastifyRequest): Readable => {
  const charset = /charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8'
  const packed = (headers['content-encoding'] ?? 'identity') !== 'identity'
  if (!(body instanceof Readable) || packed || !/^utf-?8$/i.test(charset)) {
    throw new Problem('unsupported-media-type', 'Send the counts as text/csv, in UTF-8 and not compressed.')
  }
  return body
}

/** The upload as it arrives; one that breaks off ends the request instead of being our error. */
async function* bytesOf(body: Readable): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk as Uint8Array
  } catch (error) {
    throw new Problem('malformed-request', 'The upload was interrupted.', {}, { cause: error })
  }
}

/** Registered in a scope of its own: here a body is text that streams, of any length, and nothing else is taken. */
export const importRoutes = (app: Server, { db, catalog, settings }: Deps) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload))

  app.post(
    '/v1/stock/import',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'importStock',
        summary: 'Count stock: CSV with the columns sku, onHand and optionally location; safe to repeat',
        description:
          'What differs from the books goes to the ledger. `created` counts what had never been counted at its place. ' +
          'A count below what orders hold is rejected, and so is a second one of the same SKU and location.',
        tags: ['Stock'],
        // An open schema: what arrives is a stream, and each line is checked as it is read.
        body: {
          content: {
            'text/csv': {
              schema: Type.Unsafe<unknown>({
                description: 'UTF-8 text, of any length',
                examples: ['sku,onHand,location\nMUG-1,42,main\n'],
              }),
            },
          },
        },
        response: { 200: ImportReport, ...problemResponses('unsupported-media-type') },
      },
    },
    async (request) => {
      const bytes = bytesOf(requireReadable(request))
      try {
        return await importStocktake(bytes, authOf(request).userId, { db, catalog, settings })
      } catch (error) {
        if (!(error instanceof BadHeader)) throw error
        const fault = { path: error.path, message: error.message }
        throw new Problem('invalid-request', `The file cannot be read: ${error.message}.`, {
          errors: [fault],
        })
      }
    },
  )
}
