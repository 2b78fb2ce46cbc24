import { normaliseSku, Page, WholeList } from '@storewright/contracts'
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
import { changeContextOf } from './edit-routes.ts'
import { listHistory } from './price-queries.ts'
import { MAX_SCHEDULED_PRICES, PastPrice, Plan, Planned } from './price-schemas.ts'
import type { Product } from './product.ts'
import { listKnownVariants } from './queries.ts'
import { deleteScheduledPrice, listScheduledPrices } from './schedule-queries.ts'
import { schedulePrice, startOf } from './schedule-price.ts'
import { PriceChangeInput, VariantAnswer } from './schemas.ts'
import { setPrice } from './set-price.ts'
import { showVariant, SkuParams } from './variant-routes.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')

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
          202: Planned,
          ...problemResponses('currency-mismatch', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { sku } = request.params
      const { price, effectiveAt, reason = null } = request.body
      const check = (product: Product) => requireMatch(request, product.version)
      const context = changeContextOf(request, reason)
      const at = startOf(effectiveAt, context.clock())
      if (at === null) {
        const product = await inTransaction(db, (trx) => setPrice(trx, sku, price, check, context))
        return showVariant(reply, product, sku)
      }
      const product = await inTransaction(db, (trx) => schedulePrice(trx, { sku, price, at }, check, context))
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
        response: { 200: WholeList(Plan, MAX_SCHEDULED_PRICES) },
      },
    },
    async ({ params }) => {
      const sku = normaliseSku(params.sku) ?? notFound('variant', params.sku)
      const plans = await listScheduledPrices(db, sku)
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
      const gone = await deleteScheduledPrice(db, normaliseSku(params.sku) ?? '', params.id)
      if (!gone) return notFound('scheduled price', params.id)
      return reply.code(204).send(null)
    },
  )
}
