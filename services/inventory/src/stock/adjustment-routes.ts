import { Line } from '@storewright/contracts'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { IdempotencyHeaders, notFound, withIdempotency, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import { MAIN_LOCATION } from '../database.ts'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { SkuParams, skuFrom } from '../skus.ts'
import { adjustStock } from './adjust-stock.ts'
import { requireKnownSku } from './resolve-skus.ts'
import { listStockLevels } from './queries.ts'
import { MAX_ON_HAND } from './stock.ts'
import { StockView, toStockResponse } from './stock-response.ts'
import { Problem, problemResponses } from '../problems.ts'

const Adjustment = Type.Object(
  {
    delta: Type.Integer({ minimum: -MAX_ON_HAND, maximum: MAX_ON_HAND, description: 'more or less, not 0' }),
    reason: Line(200, { examples: ['found in the returns bin'] }),
    location: { ...LocationCode, default: MAIN_LOCATION },
    reference: Type.Optional(Line(100, { description: 'of your own', examples: ['count-17'] })),
  },
  { examples: [{ delta: 5, reason: 'found in the returns bin' }] },
)

const refuseZero = (delta: number) => {
  if (delta !== 0) return
  throw new Problem('unprocessable', 'An adjustment of 0 changes nothing.', {
    errors: [{ path: 'delta', message: 'must not be 0' }],
  })
}

export const adjustmentRoutes = (app: Server, { db, catalog, settings }: Deps) => {
  app.post(
    '/v1/stock/:sku/adjustments',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'adjustStock',
        summary: 'Correct what is on hand; answers with the stock afterwards',
        description: 'Goes to the ledger with its reason. Less than orders hold cannot be left.',
        tags: ['Stock'],
        headers: IdempotencyHeaders,
        params: SkuParams,
        body: Adjustment,
        response: {
          200: StockView,
          ...problemResponses(
            'insufficient-stock',
            'idempotency-running',
            'unknown-location',
            'unprocessable',
            'idempotency-mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { body } = request
      const { userId } = authOf(request)
      const sku = skuFrom(request.params.sku)
      refuseZero(body.delta)
      await requireKnownSku(sku, { db, catalog })

      const call = { request, reply, scope: `adjustStock|${userId}`, body: { sku, ...body } }
      await withIdempotency(db, call, async (trx) => {
        await adjustStock(trx, { ...body, sku, recordedBy: userId }, settings)
        return { status: 200, resourceId: sku }
      })
      const [stock] = toStockResponse(await listStockLevels(db, [sku]), { ...settings, detailed: true })
      return stock ?? notFound('SKU', sku)
    },
  )
}
