import { Money, normaliseSku, Page, Price, Timestamp, Uuid, WholeList } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import {
  decodeCursor,
  encodeCursor,
  hasPermission,
  IfMatchHeaders,
  notFound,
  PageQuery,
  Problem,
  problemResponses,
  requireMatch,
  requirePermission,
  type Server,
} from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { occasionOf } from './edit-routes.ts'
import { listHistory } from './price-queries.ts'
import type { Product } from './product.ts'
import { listKnownVariants } from './queries.ts'
import { deletePlan, listPlans } from './schedule-queries.ts'
import { schedulePrice, startOf } from './schedule-price.ts'
import { PriceChangeInput, VariantAnswer } from './schemas.ts'
import { setPrice } from './set-price.ts'
import { showVariant, SkuParams } from './variant-routes.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')

const Reason = Type.Union([Type.String({ maxLength: 200 }), Type.Null()])

const PastPrice = Type.Object(
  {
    price: Money,
    previousPrice: Type.Union([Money, Type.Null()]),
    lowestPrice30Days: { ...Money, description: 'of the 30 days before this price began' },
    effectiveAt: Timestamp,
    reason: Type.Optional({ ...Reason, description: 'with catalog:write' }),
  },
  {
    title: 'PastPrice',
    examples: [
      {
        price: { amount: 1299, currency: 'GBP' },
        previousPrice: { amount: 1199, currency: 'GBP' },
        lowestPrice30Days: { amount: 1199, currency: 'GBP' },
        effectiveAt: '2026-01-31T09:30:00.000Z',
      },
    ],
  },
)

const Plan = Type.Object(
  {
    id: Uuid,
    price: Price,
    effectiveAt: Timestamp,
    reason: Reason,
    state: Type.Union([Type.Literal('waiting'), Type.Literal('failed')]),
    failure: Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()], {
      description: 'why it could not be applied',
    }),
  },
  {
    title: 'ScheduledPrice',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a6a',
        price: { amount: 999, currency: 'GBP' },
        effectiveAt: '2026-11-27T00:00:00.000Z',
        reason: 'autumn sale',
        state: 'waiting',
        failure: null,
      },
    ],
  },
)
const MAX_PLANS = 10_000

const planned = {
  productId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
  sku: 'MUG-1',
  name: 'Mug, blue',
  attributes: { colour: 'blue' },
  price: { amount: 1299, currency: 'GBP' },
  lowestPrice30Days: { amount: 1199, currency: 'GBP' },
  stockStatus: 'in_stock',
  scheduled: { price: { amount: 999, currency: 'GBP' }, effectiveAt: '2026-11-27T00:00:00.000Z' },
}

const readCursor = (cursor: string) => {
  const [id] = decodeCursor(cursor, ['number'])
  if (!Number.isSafeInteger(id)) throw new Problem('invalid-cursor', 'Start again without a cursor.')
  return id
}

export const priceRoutes = (app: Server, { db }: { db: Db }) => {
  app.put(
    '/v1/variants/:sku/price',
    {
      onRequest,
      schema: {
        operationId: 'setPrice',
        summary: 'Set the price of a variant, now or later',
        description:
          'Without `effectiveAt` the price is valid at once; with a later instant it is planned for then.',
        tags,
        params: SkuParams,
        headers: IfMatchHeaders,
        body: PriceChangeInput,
        response: {
          200: VariantAnswer,
          202: Type.Object(
            {
              ...VariantAnswer.properties,
              scheduled: Type.Object({ price: Price, effectiveAt: Timestamp }),
            },
            { description: 'Planned; the price of now is unchanged', examples: [planned] },
          ),
          ...problemResponses('currency-mismatch', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { sku } = request.params
      const { price, effectiveAt, reason = null } = request.body
      const check = (product: Product) => requireMatch(request, product.version)
      const occasion = occasionOf(request, reason)
      const at = startOf(effectiveAt, occasion.clock())
      if (at === null) {
        const product = await inTransaction(db, (trx) => setPrice(trx, sku, price, check, occasion))
        return showVariant(reply, product, sku)
      }
      const product = await inTransaction(db, (trx) =>
        schedulePrice(trx, { sku, price, at }, check, occasion),
      )
      const scheduled = { price, effectiveAt: at.toISOString() }
      return reply.code(202).send({ ...showVariant(reply, product, sku), scheduled })
    },
  )

  app.get(
    '/v1/variants/:sku/price-history',
    {
      schema: {
        operationId: 'listPriceHistory',
        summary: 'The prices that a variant had, newest first',
        description: 'Append-only, each with the lowest price of the 30 days before it.',
        tags,
        security: [{}, { bearer: [] }, { apiKey: [] }],
        params: SkuParams,
        querystring: PageQuery,
        response: { 200: Page(PastPrice) },
      },
    },
    async (request) => {
      const isStaff = hasPermission(request.auth, 'catalog:write')
      const sku = normaliseSku(request.params.sku) ?? notFound('variant', request.params.sku)
      const [variant] = await listKnownVariants(db, [sku])
      if (!variant || (variant.status !== 'published' && !isStaff)) return notFound('variant', sku)
      const { cursor, limit } = request.query
      const beforeId = cursor === undefined ? undefined : readCursor(cursor)
      const rows = await listHistory(db, { sku, beforeId, limit: limit + 1 })
      const last = rows.length > limit ? rows[limit - 1] : undefined
      return {
        items: rows.slice(0, limit).map(({ id: _id, reason, effectiveAt, ...step }) => ({
          ...step,
          effectiveAt: effectiveAt.toISOString(),
          ...(isStaff ? { reason } : {}),
        })),
        nextCursor: last ? encodeCursor([last.id]) : null,
      }
    },
  )

  app.get(
    '/v1/variants/:sku/scheduled-prices',
    {
      onRequest,
      schema: {
        operationId: 'listScheduledPrices',
        summary: 'The price changes that are planned for a variant',
        description: 'Those that wait, and those that failed with the reason.',
        tags,
        params: SkuParams,
        response: { 200: WholeList(Plan, MAX_PLANS) },
      },
    },
    async ({ params }) => {
      const sku = normaliseSku(params.sku) ?? notFound('variant', params.sku)
      const plans = await listPlans(db, sku)
      return {
        items: plans.flatMap(({ sku: _sku, requestedBy: _by, effectiveAt, state, ...plan }) =>
          state === 'applied' ? [] : [{ ...plan, state, effectiveAt: effectiveAt.toISOString() }],
        ),
        nextCursor: null,
      }
    },
  )

  app.delete(
    '/v1/variants/:sku/scheduled-prices/:id',
    {
      onRequest,
      schema: {
        operationId: 'cancelScheduledPrice',
        summary: 'Drop a planned price change',
        description: 'One that was applied is history and stays.',
        tags,
        params: Type.Object({ ...SkuParams.properties, id: Type.String({ maxLength: 36 }) }),
        response: { 204: Type.Null({ description: 'It will not happen' }) },
      },
    },
    async ({ params }, reply) => {
      const gone = await deletePlan(db, normaliseSku(params.sku) ?? '', params.id)
      if (!gone) return notFound('scheduled price', params.id)
      return reply.code(204).send(null)
    },
  )
}
