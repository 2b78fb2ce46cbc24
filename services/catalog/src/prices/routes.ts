import { Currency, normaliseSku, UnpagedList, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { etagOf, IfMatchHeaders, notFound, requireMatch, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { deletion, problemResponses } from '../problems.ts'
import { findOwners } from '../products/load-products.ts'
import type { Product } from '../products/product.ts'
import { requirePrices } from '../products/read-prices.ts'
import { changeContextOf } from '../products/save-products.ts'
import type { StatedPrice } from '../products/variant-prices.ts'
import { ProductVariant, SkuParams } from '../schemas.ts'
import { showVariant } from '../variants/change-variant.ts'
import { deleteScheduledPrice, listScheduledPrices, readClock } from './queries.ts'
import { MAX_SCHEDULED_PRICES, PriceInput, ScheduledPrice, VariantWithScheduledPrice } from './schemas.ts'
import { schedulePrices, startOf } from './schedule-price.ts'
import { removePrice, setPrices } from './set-price.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')
/** Those that failed beside those that wait. */
const LISTED = 2 * MAX_SCHEDULED_PRICES

const toPlan = ({ amount, currency, compareAt }: StatedPrice) => ({
  price: { amount, currency },
  compareAtPrice: compareAt === null ? null : { amount: compareAt, currency },
})

export const priceRoutes = (app: Server, { db, currency: shopCurrency }: { db: Db; currency: string }) => {
  app.put(
    '/v1/variants/:sku/price',
    {
      onRequest,
      schema: {
        operationId: 'setPrice',
        summary: 'Set prices of a variant, now or later',
        description:
          'Without `effectiveAt` a price is valid at once; with a later instant it is scheduled for then, one for each currency and instant. It replaces the price in its currency with its compare-at price; those in other currencies stay.',
        tags,
        params: SkuParams,
        headers: IfMatchHeaders,
        body: PriceInput,
        response: {
          200: ProductVariant,
          202: VariantWithScheduledPrice,
          ...problemResponses('already-scheduled', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { sku } = request.params
      const { effectiveAt, reason = null, ...input } = request.body
      const [prices = []] = requirePrices({ input, prefix: '' })
      const check = (product: Product) => requireMatch(request, product.version)
      const context = changeContextOf(authOf(request), shopCurrency, reason)
      const { product, at } = await inTransaction(db, async (trx) => {
        const start = effectiveAt === undefined ? null : startOf(effectiveAt, await readClock(trx))
        const changed =
          start === null
            ? await setPrices(trx, { sku, prices }, context, check)
            : await schedulePrices(trx, { sku, prices, at: start }, context, check)
        return { product: changed, at: start }
      })
      void reply.header('etag', etagOf(product.version))
      const variant = showVariant(product, sku, shopCurrency)
      if (at === null) return variant
      const scheduled = prices.map(toPlan)
      return reply.code(202).send({
        ...variant,
        scheduled: { price: scheduled[0]!.price, effectiveAt: at.toISOString(), prices: scheduled },
      })
    },
  )

  app.delete(
    '/v1/variants/:sku/prices/:currency',
    {
      onRequest,
      schema: {
        operationId: 'removePrice',
        summary: 'Take a price of a variant away',
        description:
          'It is not sold in this currency any more, unless a scheduled price brings it back. The last price stays.',
        tags,
        params: Type.Object({ ...SkuParams.properties, currency: Currency }),
        querystring: Type.Object({ reason: PriceInput.properties.reason }),
        ...deletion('wrong-state'),
      },
    },
    async (request, reply) => {
      const { sku, currency } = request.params
      const check = (product: Product) => requireMatch(request, product.version)
      const context = changeContextOf(authOf(request), shopCurrency, request.query.reason)
      await inTransaction(db, (trx) => removePrice(trx, { sku, currency }, context, check))
      return reply.code(204).send(null)
    },
  )

  app.get(
    '/v1/variants/:sku/scheduled-prices',
    {
      onRequest,
      schema: {
        operationId: 'listScheduledPrices',
        summary: 'The price changes that are scheduled for a variant',
        description: 'Those that wait, and those that failed with the reason.',
        tags,
        params: SkuParams,
        response: { 200: UnpagedList(ScheduledPrice, LISTED) },
      },
    },
    async ({ params }) => {
      const sku = normaliseSku(params.sku) ?? notFound('variant', params.sku)
      const [owner] = await findOwners(db, [sku])
      if (!owner) return notFound('variant', sku)
      const scheduled = await listScheduledPrices(db, sku, LISTED)
      return {
        items: scheduled.flatMap(({ id, effectiveAt, reason, state, failure, ...plan }) =>
          state === 'applied'
            ? []
            : [{ id, ...toPlan(plan), effectiveAt: effectiveAt.toISOString(), reason, state, failure }],
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
        summary: 'Cancel a scheduled price change',
        description: 'One that was applied is history and stays.',
        tags,
        params: Type.Object({ ...SkuParams.properties, id: Uuid }),
        response: { 204: Type.Null({ description: 'Cancelled' }) },
      },
    },
    async ({ params }, reply) => {
      const cancelled = await deleteScheduledPrice(db, normaliseSku(params.sku) ?? '', params.id)
      if (!cancelled) return notFound('scheduled price', params.id)
      return reply.code(204).send(null)
    },
  )
}
