import { Page, Timestamp, Uuid } from '@storewright/contracts'
import { requirePermission } from '@storewright/service-kit/auth'
import { defineCursor, notFound, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { SkuParams, skuFrom } from '../skus.ts'
import { listKnownSkus, listMovements, type ListedMovement } from './queries.ts'
import { MAX_ON_HAND } from './stock.ts'

const OrNull = <Schema extends Type.TSchema>(schema: Schema) => Type.Union([schema, Type.Null()])

const MovementView = Type.Object(
  {
    id: Uuid,
    location: LocationCode,
    kind: Type.Union(
      [
        Type.Literal('receipt'),
        Type.Literal('sale'),
        Type.Literal('return'),
        Type.Literal('adjustment'),
        Type.Literal('count'),
        Type.Literal('transfer'),
      ],
      { title: 'MovementKind' },
    ),
    delta: Type.Integer({ minimum: -MAX_ON_HAND, maximum: MAX_ON_HAND }),
    balance: Type.Integer({
      minimum: 0,
      maximum: MAX_ON_HAND,
      description: 'on hand at the location afterwards',
    }),
    reason: Type.String({ maxLength: 200 }),
    reference: OrNull(Type.String({ maxLength: 100 })),
    orderId: OrNull(Uuid),
    shipmentId: OrNull(Uuid),
    recordedBy: OrNull(Uuid),
    correlationId: OrNull(
      Type.String({ maxLength: 128, description: 'of the request that led to it, also by events' }),
    ),
    recordedAt: Timestamp,
  },
  {
    title: 'Movement',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a71',
        location: 'main',
        kind: 'adjustment',
        delta: 5,
        balance: 47,
        reason: 'found in the returns bin',
        reference: 'count-17',
        orderId: null,
        shipmentId: null,
        recordedBy: '01990a3a-2c11-7f0e-8d54-6b1a9e3f7c02',
        correlationId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70',
        recordedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

const cursors = defineCursor('movements', ['number'])

const describeMovement = ({ seq: _, recordedAt, ...movement }: ListedMovement) => ({
  ...movement,
  recordedAt: recordedAt.toISOString(),
})

export const movementRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/stock/:sku/movements',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'listMovements',
        summary: 'The ledger of a SKU, newest first',
        description: 'Every change with its reason and the balance after it; nothing in it is ever changed.',
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
      const [before] = cursors.decode(cursor) ?? []
      const rows = await listMovements(db, sku, { location, before, limit: limit + 1 })
      if (rows.length === 0 && !(await listKnownSkus(db, [sku])).has(sku)) notFound('SKU', sku)
      return pageOf(rows, limit, ({ seq }) => cursors.encode(seq), describeMovement)
    },
  )
}
