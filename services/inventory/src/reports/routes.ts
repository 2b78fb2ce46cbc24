import { Readable } from 'node:stream'
import { Sku, SkuInput, Timestamp, UnpagedList } from '@storewright/contracts'
import { requirePermission } from '@storewright/service-kit/auth'
import type { Server } from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type, type TSchema } from 'typebox'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { requireLocation } from '../locations/require-location.ts'
import { Problem } from '../problems.ts'
import { skuFrom } from '../skus.ts'
import { MAX_ON_HAND } from '../stock/stock.ts'
import { monthsOf, rangeFrom } from './periods.ts'
import {
  dimensions,
  streamMovementTotals,
  streamStockChanges,
  type Dimension,
  type Range,
  type ReportFilter,
} from './queries.ts'
import { turnsFrom } from './turnover.ts'
import { writeReport, type ReportFormat } from './write-report.ts'

/** Each reads much of the ledger on a connection of its own, until its client has read everything. */
const MAX_REPORTS = 3
const MAX_UNITS = MAX_ON_HAND * 1_000
const DIMENSION = dimensions.join('|')

const Instant = (description: string) =>
  Type.String({
    pattern: '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?Z)?$',
    maxLength: 27,
    description,
    examples: ['2026-01-31'],
  })

const ReportQuery = {
  from: Type.Optional(Instant('a day or an instant, UTC; 30 days before `to` where it is absent')),
  to: Type.Optional(Instant('exclusive; now where it is absent or later; at most 366 days after `from`')),
  sku: Type.Optional(SkuInput),
  location: Type.Optional(LocationCode),
  format: Type.Optional(
    Type.Union([Type.Literal('csv'), Type.Literal('json')], {
      description: 'otherwise what Accept prefers, and JSON where it names neither',
    }),
  ),
}

const sum = (description: string, minimum = 0) => Type.Integer({ minimum, maximum: MAX_UNITS, description })

const MovementTotal = Type.Object(
  {
    day: Type.Optional(Type.String({ format: 'date', maxLength: 10, description: 'UTC' })),
    sku: Type.Optional(Sku),
    location: Type.Optional(LocationCode),
    kind: Type.Optional(Type.String({ maxLength: 16 })),
    reason: Type.Optional(Type.String({ maxLength: 200 })),
    movements: sum('how many'),
    unitsIn: sum('what they added'),
    unitsOut: sum('what they took away'),
    net: sum('the one less the other', -MAX_UNITS),
  },
  {
    title: 'MovementTotal',
    description: 'with the fields that it is grouped by',
    examples: [{ day: '2026-01-31', kind: 'sale', movements: 12, unitsIn: 0, unitsOut: 31, net: -31 }],
  },
)

const StockTurnover = Type.Object(
  {
    sku: Sku,
    from: Timestamp,
    to: Timestamp,
    sold: sum('units'),
    opening: sum('on hand when the period began'),
    closing: sum('on hand when it ended'),
    averageOnHand: Type.Number({ minimum: 0, maximum: MAX_UNITS, description: 'by time' }),
    turnover: Type.Union([Type.Number({ minimum: 0, maximum: MAX_UNITS }), Type.Null()], {
      description: 'sold ÷ average on hand; null where none was there',
    }),
  },
  {
    title: 'StockTurnover',
    examples: [
      {
        sku: 'MUG-1',
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-02-01T00:00:00.000Z',
        sold: 90,
        opening: 40,
        closing: 50,
        averageOnHand: 45,
        turnover: 2,
      },
    ],
  },
)

const reportOf = (item: TSchema, csvExample: string) => ({
  description: 'streamed; a report that breaks off ends the connection',
  content: {
    'application/json': { schema: UnpagedList(item, 1_000_000_000) },
    'text/csv': {
      schema: Type.Unsafe<unknown>(Type.String({ maxLength: 2_147_483_647, contentMediaType: 'text/csv' })),
      example: csvExample,
    },
  },
})

const formatOf = ({ headers }: FastifyRequest, wanted: ReportFormat | undefined): ReportFormat =>
  wanted ?? (headers.accept?.toLowerCase().includes('text/csv') ? 'csv' : 'json')

async function* turnoverRows(db: Deps['db'], periods: readonly Range[], filter: ReportFilter) {
  for await (const turn of turnsFrom(streamStockChanges(db, periods, filter), periods)) {
    const { sku, period, sold, opening, closing, average } = turn
    const averageOnHand = Number(average.toFixed(2))
    if (sold === 0 && opening === 0 && closing === 0 && average === 0) continue
    yield {
      sku,
      from: period.from.toISOString(),
      to: period.to.toISOString(),
      sold,
      opening,
      closing,
      averageOnHand,
      turnover: average > 0 ? Number((sold / average).toFixed(4)) : null,
    }
  }
}

interface Report {
  name: string
  format: ReportFormat
  columns: readonly string[]
  rows: Parameters<typeof writeReport>[2]
}

export const reportRoutes = (app: Server, { db, settings }: Deps) => {
  let running = 0
  /** Counts until it is read, or its client is gone. */
  const send = (reply: FastifyReply, { name, format, columns, rows }: Report) => {
    if (running >= MAX_REPORTS) throw new Problem('busy', 'Other reports are under way.', { retryAfter: 10 })
    const text = Readable.from(writeReport(format, columns, rows))
    running += 1
    text.once('close', () => (running -= 1))
    if (format === 'csv') void reply.header('content-disposition', `attachment; filename="${name}.csv"`)
    return reply
      .headers({ 'cache-control': 'private, no-cache', vary: 'accept' })
      .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json; charset=utf-8')
      .send(text)
  }
  const filterOf = async ({ sku, location }: { sku?: string; location?: string }): Promise<ReportFilter> => ({
    sku: sku === undefined ? undefined : skuFrom(sku),
    locationId: location === undefined ? undefined : await requireLocation(db, location),
  })

  app.get(
    '/v1/inventory/reports/movements',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'reportMovements',
        summary: 'The ledger added up, as JSON or CSV, streamed',
        description: 'Sorted by what it is grouped by, in the order given.',
        tags: ['Stock'],
        querystring: Type.Object({
          ...ReportQuery,
          groupBy: Type.String({
            pattern: `^(${DIMENSION})(,(${DIMENSION})){0,${dimensions.length - 1}}$`,
            maxLength: 60,
            default: 'day',
            description: `one or several of ${dimensions.join(', ')}, separated by commas`,
            examples: ['day,kind'],
          }),
        }),
        streamed: true,
        responseHeaders: ['Content-Disposition', 'Cache-Control'],
        response: {
          200: reportOf(
            MovementTotal,
            'day,kind,movements,unitsIn,unitsOut,net\n2026-01-31,sale,12,0,31,-31\n',
          ),
        },
      },
    },
    async (request, reply) => {
      const { groupBy, format, from, to, ...filter } = request.query
      const names = [...new Set(groupBy.split(',') as Dimension[])]
      const range = rangeFrom({ from, to }, settings.clock())
      return send(reply, {
        name: 'movements',
        format: formatOf(request, format),
        columns: [...names, 'movements', 'unitsIn', 'unitsOut', 'net'],
        rows: streamMovementTotals(db, names, range, await filterOf(filter)),
      })
    },
  )

  app.get(
    '/v1/inventory/reports/turnover',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'reportTurnover',
        summary: 'How often the stock of each SKU was sold, as JSON or CSV, streamed',
        description:
          'By SKU, then by period: units sold by the average on hand, which is weighted by time. SKUs of which none was ' +
          'there and none sold are left out.',
        tags: ['Stock'],
        querystring: Type.Object({
          ...ReportQuery,
          interval: Type.Optional(
            Type.Union([Type.Literal('month')], { description: 'a row for each calendar month, UTC' }),
          ),
        }),
        streamed: true,
        responseHeaders: ['Content-Disposition', 'Cache-Control'],
        response: {
          200: reportOf(
            StockTurnover,
            'sku,from,to,sold,opening,closing,averageOnHand,turnover\n' +
              'MUG-1,2026-01-01T00:00:00.000Z,2026-02-01T00:00:00.000Z,90,40,50,45,2\n',
          ),
        },
      },
    },
    async (request, reply) => {
      const { interval, format, from, to, ...filter } = request.query
      const range = rangeFrom({ from, to }, settings.clock())
      return send(reply, {
        name: 'turnover',
        format: formatOf(request, format),
        columns: Object.keys(StockTurnover.properties),
        rows: turnoverRows(db, interval === 'month' ? monthsOf(range) : [range], await filterOf(filter)),
      })
    },
  )
}
