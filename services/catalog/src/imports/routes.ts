import { Readable } from 'node:stream'
import { Page, Uuid } from '@storewright/contracts'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  ImportReport,
  OptionalIdempotencyHeaders,
  PageQuery,
  pageOf,
  Problem,
  problemResponses,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { csvRows } from './csv-rows.ts'
import { exportProducts, type ExportFormat } from './export-products.ts'
import { importProducts } from './import-products.ts'
import { ndjsonRows } from './ndjson-rows.ts'
import {
  importIdOf,
  ImportProgress,
  listProblems,
  MAX_PROBLEMS,
  showImport,
  trackImport,
} from './track-import.ts'

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
const CSV_EXAMPLE = `${COLUMNS}\nMUG-1,Mug,Holds 300 ml.,Home > Kitchen,12.99,GBP,,published\n`
const NDJSON_EXAMPLE =
  '{"name":"Mug","variants":[{"sku":"MUG-1","price":{"amount":1299,"currency":"GBP"}}]}\n'
/** The longest string; the service itself has no limit. */
const MAX_FILE = 2_147_483_647
const anyText = (example: string) =>
  Type.Unsafe<unknown>({ description: 'UTF-8 text, of any length', examples: [example] })
const file = (contentMediaType: string, example: string) => ({
  schema: Type.Unsafe<unknown>(Type.String({ maxLength: MAX_FILE, contentMediaType })),
  example,
})

const RejectedLine = Type.Object(ImportReport.properties.rejected.items.properties, {
  title: 'RejectedLine',
  examples: [{ line: 17, errors: [{ path: 'price', message: 'is not a price like 12.99' }] }],
})
const problemCursors = defineCursor('import-problems', ['number'])

/** Each holds a connection to the database until its client has read everything. */
const MAX_EXPORTS = 3

const Format = Type.Union([Type.Literal('csv'), Type.Literal('ndjson')], {
  description: 'otherwise what Accept prefers, and CSV where it names neither',
})

const formatOf = (accept: string | undefined): ExportFormat =>
  accept?.toLowerCase().includes('application/x-ndjson') ? 'ndjson' : 'csv'

interface Deps {
  db: Db
  /** The shop's: that of `price` in a file. */
  currency: string
}

export const exportRoutes = (app: Server, { db, currency }: Deps) => {
  let running = 0
  /** Counts until it is read, or its client is gone. */
  const startExport = (format: ExportFormat) => {
    const lines = Readable.from(exportProducts(db, format, currency))
    running += 1
    return lines.once('close', () => (running -= 1))
  }

  app.get(
    '/v1/products/export',
    {
      onRequest,
      schema: {
        operationId: 'exportProducts',
        summary: 'The whole catalogue as CSV or NDJSON, streamed',
        description:
          'Every variant that is not deleted, all as of one instant, in the format of the import: to import the file again ' +
          'changes nothing. A text that a spreadsheet would take for a formula has an apostrophe before it, which the import takes off.',
        tags,
        querystring: Type.Object({ format: Type.Optional(Format) }),
        responseHeaders: ['Content-Disposition'],
        response: {
          200: {
            description: 'CSV: a line for each variant; NDJSON: one for each product',
            content: {
              'text/csv': file('text/csv', CSV_EXAMPLE),
              'application/x-ndjson': file('application/x-ndjson', NDJSON_EXAMPLE),
            },
          },
        },
      },
    },
    (request, reply) => {
      if (running >= MAX_EXPORTS)
        throw new Problem('busy', 'Other exports are under way.', { retryAfter: 10 })
      const format = request.query.format ?? formatOf(request.headers.accept)
      return reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson; charset=utf-8')
        .header('content-disposition', `attachment; filename="products.${format}"`)
        .send(startExport(format))
    },
  )

  app.get(
    '/v1/product-imports/:id',
    {
      onRequest,
      schema: {
        operationId: 'getImport',
        summary: 'How far an import is, or how it ended',
        description: 'Kept for a week.',
        tags,
        params: Type.Object({ id: Uuid }),
        response: { 200: ImportProgress },
      },
    },
    ({ params }) => showImport(db, params.id),
  )

  app.get(
    '/v1/product-imports/:id/problems',
    {
      onRequest,
      schema: {
        operationId: 'listImportProblems',
        summary: 'All lines that an import rejected, in their order',
        description:
          `Also those that its report does not list; the first ${MAX_PROBLEMS.toLocaleString('en')}, while it runs and for a ` +
          'week after.',
        tags,
        params: Type.Object({ id: Uuid }),
        querystring: PageQuery,
        pageOf,
        response: { 200: Page(RejectedLine) },
      },
    },
    async ({ params, query: { cursor, limit } }) => {
      const [afterLine = 0] = problemCursors.decode(cursor) ?? []
      const rows = await listProblems(db, params.id, { afterLine, limit: limit + 1 })
      return pageOf(rows, limit, ({ line }) => problemCursors.encode(line))
    },
  )
}

/** Needs a scope of its own: here bodies are streams of any size. */
export const importRoutes = (app: Server, { db, currency }: Deps) => {
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
          'the first sets what its variants share: description, category, status and image. An empty cell leaves what is there; ' +
          'the column `clear` names what its row empties (`description, price.EUR`), and in NDJSON null does. The report lists the ' +
          'first 1,000 rejected lines, `/v1/product-imports/{id}/problems` all of them. ' +
          'With a UUID as Idempotency-Key the import can be followed while it runs, at `/v1/product-imports/{key}`.',
        querystring: Type.Object({
          dryRun: Type.Optional(
            Type.Boolean({ description: 'report what would happen, and change nothing', examples: [false] }),
          ),
        }),
        headers: OptionalIdempotencyHeaders,
        responseHeaders: ['Location'],
        // Open schemas: the body is a stream, and each line is validated as it is read.
        body: {
          content: {
            'text/csv': { schema: anyText(CSV_EXAMPLE) },
            'application/x-ndjson': { schema: anyText(NDJSON_EXAMPLE) },
          },
        },
        response: { 200: ImportReport, ...problemResponses('unsupported-media-type') },
      },
    },
    async (request, reply) => {
      const lines = readerFor(request)(bytesOf(request.body))
      const by = authOf(request).userId
      const { dryRun = false } = request.query
      const id = importIdOf(request.headers['idempotency-key'], by)
      const { report, replayed } = await trackImport(db, { id, by, dryRun }, (report, onProgress) =>
        importProducts(db, lines, { by, currency, dryRun, report, onProgress }),
      )
      if (replayed) void reply.header('idempotency-replayed', 'true')
      return reply.header('location', `/v1/product-imports/${id}`).send(report)
    },
  )
}
