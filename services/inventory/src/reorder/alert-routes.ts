import { MAX_QUANTITY, normaliseSku, Page, Sku, Timestamp, Uuid } from '@storewright/contracts'
import { requirePermission } from '@storewright/service-kit/auth'
import { defineCursor, invalidCursor, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { listOpenLines, purchaseOrderNumber, Status } from '../purchase-orders/purchase-order.ts'
import { MAX_ON_HAND } from '../stock/stock.ts'
import { listAlerts, type Alert } from './queries.ts'

/** Of one SKU and location; who has more open at once looks at the orders themselves. */
const MAX_ORDERS_SHOWN = 20

const Level = Type.Union([Type.Literal('low'), Type.Literal('out')], { title: 'StockAlertLevel' })
const units = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_ON_HAND, description })

const AlertView = Type.Object(
  {
    sku: Sku,
    location: LocationCode,
    level: Level,
    since: { ...Timestamp, description: 'when it became that level' },
    available: units('now'),
    threshold: units('the rule’s, or the shop’s'),
    purchaseOrders: Type.Array(
      Type.Object({
        id: Uuid,
        number: Type.String({ pattern: '^PO-[0-9]+$', maxLength: 24 }),
        status: Status,
        outstanding: Type.Integer({
          minimum: 1,
          maximum: 2 * MAX_QUANTITY,
          description: 'units still to come',
        }),
        expectedAt: Type.Union([Timestamp, Type.Null()]),
      }),
      {
        maxItems: MAX_ORDERS_SHOWN,
        description: 'already under way for this SKU and location, the oldest first',
      },
    ),
  },
  {
    title: 'StockAlert',
    examples: [
      {
        sku: 'MUG-1',
        location: 'main',
        level: 'low',
        since: '2026-01-31T09:30:00.000Z',
        available: 3,
        threshold: 5,
        purchaseOrders: [
          {
            id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a90',
            number: 'PO-100042',
            status: 'submitted',
            outstanding: 24,
            expectedAt: '2026-02-05T09:30:00.000Z',
          },
        ],
      },
    ],
  },
)

const cursors = defineCursor('stock alerts', ['time', 'text', 'number'])

/** The SKU comes from outside: the column holds nothing else, and comparing it would be an error. */
const keyOf = (cursor: string | undefined) => {
  const key = cursors.decode(cursor)
  if (!key) return undefined
  const [at, text, locationId] = key
  const sku = normaliseSku(text)
  if (sku === null) throw invalidCursor()
  return { at, sku, locationId }
}

export const alertRoutes = (app: Server, { db, settings }: Deps) => {
  const describeAll = async (alerts: readonly Alert[]) => {
    const open = Map.groupBy(
      await listOpenLines(
        db,
        alerts.map(({ sku }) => sku),
      ),
      ({ sku, locationId }) => `${sku} ${locationId}`,
    )
    return alerts.map(({ sku, locationId, location, level, since, available, threshold }) => ({
      sku,
      location,
      level,
      since: since.toISOString(),
      available,
      threshold: threshold ?? settings.lowStockThreshold,
      purchaseOrders: (open.get(`${sku} ${locationId}`) ?? [])
        .slice(0, MAX_ORDERS_SHOWN)
        .map(({ id, seq, status, outstanding, expectedAt }) => ({
          id,
          number: purchaseOrderNumber(seq),
          status,
          outstanding,
          expectedAt: expectedAt?.toISOString() ?? null,
        })),
    }))
  }

  app.get(
    '/v1/stock/alerts',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'listStockAlerts',
        summary: 'What is low or out, the latest first',
        description:
          'For each SKU and location, with the orders already under way. An alert clears by itself once more is available ' +
          'than the threshold and a tenth of it, at least 1.',
        tags: ['Stock'],
        querystring: Type.Object({ ...PageQuery.properties, level: Type.Optional(Level) }),
        response: { 200: Page(AlertView) },
      },
    },
    async ({ query: { limit, cursor, level } }) => {
      const rows = await listAlerts(db, { level, before: keyOf(cursor), limit: limit + 1 })
      const { items, nextCursor } = pageOf(rows, limit, ({ since, sku, locationId }) =>
        cursors.encode(since, sku, locationId),
      )
      return { items: await describeAll(items), nextCursor }
    },
  )
}
