import { hasPermission, requireInternal, type Auth } from '@storewright/service-kit/auth'
import { notFound, type Server } from '@storewright/service-kit/http'
import { Sku, SkuLookup, skusOf, UnpagedList } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { SkuListQuery, SkuParams, skuFrom, skusFrom } from '../skus.ts'
import { listStockLevels } from './queries.ts'
import { StockView, toStockResponse } from './stock-response.ts'

const InternalStock = Type.Object({
  items: Type.Array(Type.Object({ sku: Sku, available: Type.Integer({ minimum: 0 }) })),
})

/** Public; those with stock:read, people or machines, see more. */
const forAnyone = [{}, { bearer: [] }, { apiKey: [] }]

export const stockRoutes = (app: Server, { db, settings, internalToken }: Deps) => {
  const find = async (skus: string[], auth: Auth | null) =>
    toStockResponse(await listStockLevels(db, skus), {
      ...settings,
      detailed: hasPermission(auth, 'stock:read'),
    })

  app.get(
    '/v1/stock/:sku',
    {
      schema: {
        operationId: 'getStock',
        summary: 'What there is of a SKU',
        description: 'With stock:read also what is on hand and reserved, for each location.',
        tags: ['Stock'],
        security: forAnyone,
        params: SkuParams,
        response: { 200: StockView },
      },
    },
    async ({ params, auth }) => {
      const [stock] = await find([skuFrom(params.sku)], auth)
      return stock ?? notFound('SKU', params.sku)
    },
  )

  app.get(
    '/v1/stock',
    {
      schema: {
        operationId: 'listStock',
        summary: 'What there is of up to 100 SKUs',
        description: 'Those that are not known are left out.',
        tags: ['Stock'],
        security: forAnyone,
        querystring: SkuListQuery,
        response: { 200: UnpagedList(StockView, 100) },
      },
    },
    async ({ query, auth }) => ({ items: await find(skusFrom(query.skus), auth), nextCursor: null }),
  )

  app.post(
    '/internal/stock',
    {
      onRequest: requireInternal(internalToken),
      schema: { operationId: 'listInternalStock', body: SkuLookup, response: { 200: InternalStock } },
    },
    async ({ body }) => {
      const skus = skusOf(body)
      return { items: skus.length === 0 ? [] : await find(skus, null) }
    },
  )
}
