import { Page, Sku, SkuInput, Timestamp, Uuid } from '@storewright/contracts'
import { requirePermission } from '@storewright/service-kit/auth'
import { defineCursor, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { skuFrom } from '../skus.ts'
import { MAX_ON_HAND } from '../stock/stock.ts'
import { listReservations, type ListedReservation } from './list-queries.ts'

/** 1,000 lines, each perhaps from many places. */
const MAX_ALLOCATIONS = 100_000

const State = Type.Union(
  [
    Type.Literal('held'),
    Type.Literal('confirmed'),
    Type.Literal('committed'),
    Type.Literal('cancelled'),
    Type.Literal('expired'),
    Type.Literal('rejected'),
  ],
  { title: 'ReservationState', description: 'held and confirmed hold stock; the others are ends' },
)

const count = (description: string) => Type.Integer({ minimum: 0, maximum: MAX_ON_HAND, description })

const ReservationView = Type.Object(
  {
    orderId: Uuid,
    state: State,
    lines: Type.Array(
      Type.Object({
        sku: Sku,
        location: LocationCode,
        quantity: count('reserved at first'),
        held: count('still reserved'),
        shipped: count('gone to the customer'),
      }),
      { maxItems: MAX_ALLOCATIONS },
    ),
    expiresAt: Type.Union([Timestamp, Type.Null()]),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  {
    title: 'Reservation',
    examples: [
      {
        orderId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70',
        state: 'held',
        lines: [{ sku: 'MUG-1', location: 'main', quantity: 2, held: 2, shipped: 0 }],
        expiresAt: '2026-02-01T09:30:00.000Z',
        createdAt: '2026-01-31T09:30:00.000Z',
        updatedAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

const cursors = defineCursor('reservations', ['id'])

const describeReservation = ({ expiresAt, createdAt, updatedAt, ...reservation }: ListedReservation) => ({
  ...reservation,
  expiresAt: expiresAt?.toISOString() ?? null,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
})

export const reservationRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/reservations',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'listReservations',
        summary: 'What orders hold, the newest orders first',
        description: 'A hold ends when its goods are shipped, its order is cancelled, or its time is over.',
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
      const [before] = cursors.decode(cursor) ?? []
      const rows = await listReservations(db, {
        ...filter,
        sku: sku === undefined ? undefined : skuFrom(sku),
        before,
        limit: limit + 1,
      })
      return pageOf(rows, limit, ({ orderId }) => cursors.encode(orderId), describeReservation)
    },
  )
}
