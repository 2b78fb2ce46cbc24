import { Page, SkuInput } from '@storewright/contracts'
import { requirePermission } from '@storewright/service-kit/auth'
import { defineCursor, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { requireLocation } from '../locations/require-location.ts'
import { skuFrom } from '../skus.ts'
import { listSuggestions } from './queries.ts'
import { AbcClass, describeSuggestion, SuggestionView } from './suggestion-response.ts'

const cursors = defineCursor('suggestions', ['text'])

export const suggestionRoutes = (app: Server, { db, settings }: Deps) => {
  app.get(
    '/v1/inventory/suggestions',
    {
      onRequest: requirePermission('stock:read'),
      schema: {
        operationId: 'listStockSuggestions',
        summary: 'When to reorder how many of each SKU, and why',
        description:
          'By SKU, of all locations together or of one. Computed from the ledger in the background, so a new SKU appears ' +
          'after the next run. The formulas and their sources are in docs/stock.md.',
        tags: ['Stock'],
        querystring: Type.Object({
          ...PageQuery.properties,
          location: Type.Optional({
            ...LocationCode,
            description: 'only this one, instead of all locations together',
          }),
          sku: Type.Optional(SkuInput),
          abc: Type.Optional(AbcClass),
          slow: Type.Optional(Type.Boolean({ description: 'slow and dead stock only, or all but that' })),
        }),
        response: { 200: Page(SuggestionView) },
      },
    },
    async ({ query: { limit, cursor, location, sku, ...filter } }) => {
      const [after = ''] = cursors.decode(cursor) ?? []
      const rows = await listSuggestions(db, {
        ...filter,
        locationId: location === undefined ? undefined : await requireLocation(db, location),
        sku: sku === undefined ? undefined : skuFrom(sku),
        after,
        limit: limit + 1,
      })
      return pageOf(
        rows,
        limit,
        (last) => cursors.encode(last.sku),
        (row) => describeSuggestion(row, location ?? null, settings.suggestions),
      )
    },
  )
}
