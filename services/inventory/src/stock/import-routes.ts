import type { Readable } from 'node:stream'
import { authOf, ImportReport, Problem, requirePermission, type Server } from '@storewright/service-kit'
import type { Deps } from '../deps.ts'
import { importCounts } from './import-counts.ts'
import { BadHeader } from './read-counts.ts'

/** Registered in a scope of its own: here a body is text that streams, of any length, and nothing else is taken. */
export const importRoutes = (app: Server, { db, catalog, settings }: Deps) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload))

  app.post<{ Body: Readable | undefined }>(
    '/v1/stock/import',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'importStock',
        summary: 'Count stock: sku, onHand and optionally location, as CSV with a header',
        description: 'What differs from the books goes to the ledger. Safe to repeat.',
        tags: ['Stock'],
        consumes: ['text/csv'],
        response: { 200: ImportReport },
      },
    },
    async (request) => {
      if (!request.body) throw new Problem('unsupported-media-type', 'Send the counts as text/csv.')
      try {
        return await importCounts(request.body, authOf(request).userId, { db, catalog, settings })
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
