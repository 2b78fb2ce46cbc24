import { normaliseSku, Sku, Uuid } from '@storewright/contracts'
import { requireInternal, type Server } from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { listKnownVariants } from './queries.ts'

const Known = Type.Object({
  sku: Sku,
  productId: Uuid,
  name: Type.String(),
  status: Type.Union([
    Type.Literal('draft'),
    Type.Literal('published'),
    Type.Literal('archived'),
    Type.Literal('deleted'),
  ]),
})

/** What other services may ask when no event has told them yet; SKUs that never were are missing. */
export const internalRoutes = (app: Server, { db, internalToken }: { db: Db; internalToken: string }) => {
  app.get(
    '/internal/variants',
    {
      onRequest: requireInternal(internalToken),
      schema: {
        operationId: 'listVariants',
        querystring: Type.Object({
          skus: Type.String({ maxLength: 8_000, description: 'separated by commas' }),
        }),
        response: { 200: Type.Object({ items: Type.Array(Known) }) },
      },
    },
    async ({ query }) => {
      const skus = query.skus.split(',').flatMap((sku) => normaliseSku(sku) ?? [])
      return { items: skus.length === 0 ? [] : await listKnownVariants(db, [...new Set(skus)]) }
    },
  )
}
