import { Currency, Money, normaliseSku, Page, Timestamp, Uuid } from '@storewright/contracts'
import { hasPermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  notFound,
  PageQuery,
  pageOf,
  setSurrogateKey,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { problemResponses, requireCurrency } from '../problems.ts'
import { forAnyone, SkuParams } from '../schemas.ts'
import { findVisibility, listPriceHistory } from './queries.ts'

const PricePoint = Type.Object(
  {
    price: Money,
    compareAtPrice: Type.Union([Money, Type.Null()]),
    removed: Type.Boolean({
      description: 'the price was taken away then: nothing is sold in this currency any more',
    }),
    previousPrice: Type.Union([Money, Type.Null()]),
    lowestPrice30Days: { ...Money, description: 'of the 30 days before this price began' },
    effectiveAt: Timestamp,
    reason: Type.Optional({
      ...Type.Union([Type.String({ maxLength: 200 }), Type.Null()]),
      description: 'with catalog:write',
    }),
    changedBy: Type.Optional({
      ...Type.Union([Uuid, Type.Null()]),
      description: 'the user, null for the system; with catalog:write',
    }),
  },
  {
    title: 'PricePoint',
    examples: [
      {
        price: { amount: 1299, currency: 'GBP' },
        compareAtPrice: null,
        removed: false,
        previousPrice: { amount: 1199, currency: 'GBP' },
        lowestPrice30Days: { amount: 1199, currency: 'GBP' },
        effectiveAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

const cursors = defineCursor('price-history', ['number'])

export const priceHistoryRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/variants/:sku/price-history',
    {
      schema: {
        operationId: 'listPriceHistory',
        summary: 'The prices that a variant had, newest first',
        description:
          'Append-only, in all currencies or one, each with the lowest price of the 30 days before it.',
        tags: ['Catalogue'],
        security: forAnyone,
        params: SkuParams,
        querystring: Type.Object({
          ...PageQuery.properties,
          currency: Type.Optional({ ...Currency, description: 'only prices in this currency' }),
        }),
        pageOf,
        response: { 200: Page(PricePoint), ...problemResponses('unprocessable') },
      },
    },
    async (request, reply) => {
      const isStaff = hasPermission(request.auth, 'catalog:write')
      const sku = normaliseSku(request.params.sku) ?? notFound('variant', request.params.sku)
      const variant = await findVisibility(db, sku)
      const isOnSale = variant?.status === 'published' && variant.deleted === 0
      if (!variant || (!isOnSale && !isStaff)) return notFound('variant', sku)
      setSurrogateKey(request, reply, [variant.productId])
      const { cursor, limit, currency } = request.query
      const [beforeId] = cursors.decode(cursor) ?? []
      const rows = await listPriceHistory(db, {
        sku,
        currency: currency && requireCurrency(currency),
        beforeId,
        limit: limit + 1,
      })
      return pageOf(
        rows,
        limit,
        ({ id }) => cursors.encode(id),
        ({ id: _id, reason, changedBy, effectiveAt, ...step }) => ({
          ...step,
          effectiveAt: effectiveAt.toISOString(),
          ...(isStaff ? { reason, changedBy } : {}),
        }),
      )
    },
  )
}
