import { normaliseSku, UnpagedList } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { etagOf, IfMatchHeaders, notFound, requireMatch, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { problemResponses } from '../problems.ts'
import type { Product } from '../products/product.ts'
import { changeContextOf } from '../products/save-products.ts'
import { ProductVariant, SkuParams } from '../schemas.ts'
import { showVariant } from '../variants/change-variant.ts'
import { deleteScheduledPrice, listScheduledPrices } from './queries.ts'
import { MAX_SCHEDULED_PRICES, PriceInput, ScheduledPrice, VariantWithScheduledPrice } from './schemas.ts'
import { schedulePrice, setPrice, startOf } from './set-price.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')

export const priceRoutes = (app: Server, { db }: { db: Db }) => {
  app.put(
    '/v1/variants/:sku/price',
    {
      onRequest,
      schema: {
        operationId: 'setPrice',
        summary: 'Set the price of a variant, now or later',
        description:
          'Without `effectiveAt` the price is valid at once; with a later instant it is scheduled for then.',
        tags,
        params: SkuParams,
        headers: IfMatchHeaders,
        body: PriceInput,
        response: {
          200: ProductVariant,
          202: VariantWithScheduledPrice,
          ...problemResponses('currency-mismatch', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { sku } = request.params
      const { price, effectiveAt, reason = null } = request.body
      const check = (product: Product) => requireMatch(request, product.version)
      const context = changeContextOf(authOf(request), reason)
      const at = startOf(effectiveAt, context.clock())
      const product = await inTransaction(db, (trx) =>
        at === null
          ? setPrice(trx, { sku, price }, context, check)
          : schedulePrice(trx, { sku, price, at }, context, check),
      )
      void reply.header('etag', etagOf(product.version))
      const variant = showVariant(product, sku)
      if (at === null) return variant
      return reply.code(202).send({ ...variant, scheduled: { price, effectiveAt: at.toISOString() } })
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
        response: { 200: UnpagedList(ScheduledPrice, MAX_SCHEDULED_PRICES) },
      },
    },
    async ({ params }) => {
      const sku = normaliseSku(params.sku) ?? notFound('variant', params.sku)
      const scheduled = await listScheduledPrices(db, sku)
      return {
        items: scheduled.flatMap(({ sku: _sku, requestedBy: _by, effectiveAt, state, ...price }) =>
          state === 'applied' ? [] : [{ ...price, state, effectiveAt: effectiveAt.toISOString() }],
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
        params: Type.Object({ ...SkuParams.properties, id: Type.String({ maxLength: 36 }) }),
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
