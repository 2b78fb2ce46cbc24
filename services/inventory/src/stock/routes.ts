import { hasPermission, requireInternal, requirePermission, type Auth } from '@storewright/service-kit/auth'
import {
  defineCursor,
  notFound,
  pageOf,
  PageQuery,
  Problem,
  setSurrogateKey,
  type Server,
} from '@storewright/service-kit/http'
import { Page, Sku, SkuLookup, skusOf } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { SkuListQuery, SkuParams, skuFrom, skusFrom } from '../skus.ts'
import { listSkuVersions, listStockLevels } from './queries.ts'
import { StockView, toStockResponse } from './stock-response.ts'

const InternalStock = Type.Object({
  items: Type.Array(Type.Object({ sku: Sku, available: Type.Integer({ minimum: 0 }) })),
})

/** Public; those with stock:read, people or machines, see more. */
const forAnyone = [{}, { bearer: [] }, { apiKey: [] }]
const requireRead = requirePermission('stock:read')
const cursors = defineCursor('stock', ['text'])

const Query = Type.Object({ ...PageQuery.properties, skus: Type.Optional(SkuListQuery.properties.skus) })

const refuseCursor = (cursor: string | undefined) => {
  if (cursor === undefined) return
  throw new Problem('invalid-request', 'Either name SKUs or read all of them page by page.', {
    errors: [{ path: 'cursor', message: 'does not go with skus' }],
  })
}

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
    async (request, reply) => {
      const sku = skuFrom(request.params.sku)
      const [stock] = await find([sku], request.auth)
      setSurrogateKey(request, reply, [sku])
      return stock ?? notFound('SKU', request.params.sku)
    },
  )

  app.get(
    '/v1/stock',
    {
      schema: {
        operationId: 'listStock',
        summary: 'What there is of up to 100 SKUs, or with stock:read of every SKU in pages',
        description:
          'With `skus` those that are not known are left out. Without, in the order of the SKUs, each with the number of its ' +
          'last event: whoever keeps a copy goes on with the events after that.',
        tags: ['Stock'],
        security: forAnyone,
        querystring: Query,
        response: { 200: Page(StockView) },
      },
    },
    async (request, reply) => {
      const { auth } = request
      const { skus, limit, cursor } = request.query
      if (skus !== undefined) {
        refuseCursor(cursor)
        const wanted = skusFrom(skus)
        setSurrogateKey(request, reply, wanted)
        return { items: await find(wanted, auth), nextCursor: null }
      }
      await requireRead(request)
      const [after] = cursors.decode(cursor) ?? ['']
      // Versions first: what is shown is then at least as new as its number.
      const rows = await listSkuVersions(db, { after, limit: limit + 1 })
      const { items, nextCursor } = pageOf(rows, limit, ({ sku }) => cursors.encode(sku))
      const versions = new Map(items.map(({ sku, version }) => [sku, version]))
      const shown = items.length === 0 ? [] : await find([...versions.keys()], auth)
      return {
        items: shown.map((stock) => ({ ...stock, version: versions.get(stock.sku) ?? 0 })),
        nextCursor,
      }
    },
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
