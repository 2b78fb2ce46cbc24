import { Readable } from 'node:stream'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { ImportReport, Problem, problemResponses, type Server } from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { csvRows } from './csv-rows.ts'
import { exportProducts } from './export-products.ts'
import { importProducts } from './import-products.ts'
import { ndjsonRows } from './ndjson-rows.ts'

const READERS = { 'text/csv': csvRows, 'application/x-ndjson': ndjsonRows }

/** The file's format by its content type; only UTF-8, uncompressed. */
const readerFor = ({ headers }: FastifyRequest) => {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith('charset='))
  const reader = Object.entries(READERS).find(([known]) => known === type.trim())?.[1]
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (!reader || !isUtf8 || encoding !== 'identity')
    throw new Problem(
      'unsupported-media-type',
      'Send text/csv or application/x-ndjson, in UTF-8 and not compressed.',
    )
  return reader
}

/** The upload as it arrives; one that is interrupted ends the request instead of being our error. */
async function* bytesOf(body: unknown): AsyncGenerator<Buffer> {
  if (!(body instanceof Readable)) return
  try {
    for await (const chunk of body) yield chunk as Buffer
  } catch (error) {
    throw new Problem('malformed-request', 'The upload was interrupted.', {}, { cause: error })
  }
}

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')

const COLUMNS = 'sku,name,description,category,price,currency,image,status'
/** The longest string; the service itself has no limit. */
const MAX_FILE = 2_147_483_647
const anyText = (example: string) =>
  Type.Unsafe<unknown>({ description: 'UTF-8 text, of any length', examples: [example] })

export const exportRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/products/export',
    {
      onRequest,
      schema: {
        operationId: 'exportProducts',
        summary: 'The whole catalogue as CSV, streamed',
        description: 'Every variant that is not deleted, in the format of the import.',
        tags,
        responseHeaders: ['Content-Disposition'],
        response: {
          200: {
            description: 'A line for each variant',
            content: {
              'text/csv': {
                schema: Type.Unsafe<unknown>(
                  Type.String({ maxLength: MAX_FILE, contentMediaType: 'text/csv' }),
                ),
                example: `${COLUMNS}\nMUG-1,Mug,Holds 300 ml.,Home > Kitchen,12.99,GBP,,published\n`,
              },
            },
          },
        },
      },
    },
    (_request, reply) =>
      reply
        .type('text/csv; charset=utf-8')
        .header('content-disposition', 'attachment; filename="products.csv"')
        .send(Readable.from(exportProducts(db))),
  )
}

/** Needs a scope of its own: here bodies are streams of any size. */
export const importRoutes = (app: Server, { db, currency }: { db: Db; currency: string }) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(Object.keys(READERS), (_request, payload, done) => done(null, payload))

  app.post(
    '/v1/products/import',
    {
      onRequest,
      schema: {
        operationId: 'importProducts',
        tags,
        summary: 'CSV or NDJSON, streamed; safe to repeat',
        description:
          'Counts are per line. The first line for a SKU counts and a second is rejected. Of the lines of one product ' +
          'the first sets what its variants share: description, category, status and image. An empty cell leaves what is there.',
        // Open schemas: the body is a stream, and each line is validated as it is read.
        body: {
          content: {
            'text/csv': {
              schema: anyText(`${COLUMNS}\nMUG-1,Mug,Holds 300 ml.,Home > Kitchen,12.99,GBP,,published\n`),
            },
            'application/x-ndjson': {
              schema: anyText(
                '{"name":"Mug","variants":[{"sku":"MUG-1","price":{"amount":1299,"currency":"GBP"}}]}\n',
              ),
            },
          },
        },
        response: { 200: ImportReport, ...problemResponses('unsupported-media-type') },
      },
    },
    async (request) =>
      importProducts(db, readerFor(request)(bytesOf(request.body)), { by: authOf(request).userId, currency }),
  )
}
