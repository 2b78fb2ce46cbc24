import { Page, Sku, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import {
  decodeCursor,
  encodeCursor,
  PageQuery,
  Problem,
  requirePermission,
  type Server,
} from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { skuFrom } from '../skus.ts'
import { listReservations } from './list-queries.ts'

const UUID = /^[0-9a-f-]{36}$/

const State = Type.Union(
  [
    Type.Literal('held'),
    Type.Literal('confirmed'),
    Type.Literal('committed'),
    Type.Literal('cancelled'),
    Type.Literal('expired'),
    Type.Literal('rejected'),
  ],
  { description: 'held and confirmed hold stock; the others are ends' },
)

const ReservationView = Type.Object({
  orderId: Uuid,
  state: State,
  lines: Type.Array(
    Type.Object({
      sku: Sku,
      location: Type.String(),
      quantity: Type.Integer({ description: 'reserved at first' }),
      held: Type.Integer({ description: 'still reserved' }),
      shipped: Type.Integer(),
    }),
  ),
  expiresAt: Type.Union([Timestamp, Type.Null()]),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})

/** Checked because the column takes no other characters, not even to compare with. */
const orderIdFrom = (cursor: string) => {
  const [orderId] = decodeCursor(cursor, ['string'])
  if (UUID.test(orderId)) return orderId
  throw new Problem('invalid-cursor', 'Start again without a cursor.')
}

export const reservationRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/reservations',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'listReservations',
        summary: 'What orders hold, the newest orders first',
        tags: ['Stock'],
        querystring: Type.Object({
          ...PageQuery.properties,
          orderId: Type.Optional(Uuid),
          sku: Type.Optional(SkuInput),
          state: Type.Optional(State),
        }),
        response: { 200: Page(ReservationView) },
      },
    },
    async ({ query: { limit, cursor, sku, ...filter } }) => {
      const before = cursor === undefined ? undefined : orderIdFrom(cursor)
      const rows = await listReservations(db, {
        ...filter,
        sku: sku === undefined ? undefined : skuFrom(sku),
        before,
        limit: limit + 1,
      })
      const last = rows.length > limit ? rows[limit - 1] : undefined
      const items = rows.slice(0, limit).map((row) => ({
        ...row,
        expiresAt: row.expiresAt?.toISOString() ?? null,
        createdAt: row.createdAt.toISOString(),
        updatedAt: row.updatedAt.toISOString(),
      }))
      return { items, nextCursor: last ? encodeCursor([last.orderId]) : null }
    },
  )
}
