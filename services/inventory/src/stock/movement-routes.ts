import { Page, Timestamp, Uuid } from '@storewright/contracts'
import {
  decodeCursor,
  encodeCursor,
  notFound,
  PageQuery,
  requirePermission,
  type Server,
} from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { LocationCode } from '../locations/location.ts'
import { SkuParams, skuFrom } from '../skus.ts'
import { listKnownSkus, listMovements } from './queries.ts'

const OrNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

const MovementView = Type.Object({
  id: Uuid,
  location: Type.String(),
  kind: Type.Union([
    Type.Literal('receipt'),
    Type.Literal('sale'),
    Type.Literal('return'),
    Type.Literal('adjustment'),
    Type.Literal('count'),
    Type.Literal('transfer'),
  ]),
  delta: Type.Integer(),
  balance: Type.Integer({ minimum: 0, description: 'on hand at the location afterwards' }),
  reason: Type.String(),
  reference: OrNull(Type.String()),
  orderId: OrNull(Uuid),
  shipmentId: OrNull(Uuid),
  recordedBy: OrNull(Uuid),
  recordedAt: Timestamp,
})

export const movementRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/stock/:sku/movements',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'listMovements',
        summary: 'The ledger of a SKU, newest first',
        tags: ['Stock'],
        params: SkuParams,
        querystring: Type.Object({
          ...PageQuery.properties,
          location: Type.Optional(LocationCode),
        }),
        response: { 200: Page(MovementView) },
      },
    },
    async ({ params, query: { limit, cursor, location } }) => {
      const sku = skuFrom(params.sku)
      const before = cursor === undefined ? undefined : decodeCursor(cursor, ['number'])[0]
      const rows = await listMovements(db, sku, { location, before, limit: limit + 1 })
      if (rows.length === 0 && !(await listKnownSkus(db, [sku])).has(sku)) notFound('SKU', sku)

      const last = rows.length > limit ? rows[limit - 1] : undefined
      const items = rows.slice(0, limit).map(({ seq: _, recordedAt, ...movement }) => ({
        ...movement,
        recordedAt: recordedAt.toISOString(),
      }))
      return { items, nextCursor: last ? encodeCursor([last.seq]) : null }
    },
  )
}
