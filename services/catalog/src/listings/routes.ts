import { Currency, MAX_AMOUNT, Page } from '@storewright/contracts'
import { authOf, hasPermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  PageQuery,
  pageOf,
  Problem,
  problemResponses,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { forAnyone, JSON_TYPE, ProductStatus, ProductSummary } from '../schemas.ts'
import { isSlug, isUuid } from '../slug.ts'
import { listProducts, sorts, type ListFilter, type Sort } from './queries.ts'
import { queryTerms } from './search-terms.ts'

const Minor = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT })

const ListQuery = Type.Object({
  ...PageQuery.properties,
  q: Type.Optional(
    Type.String({
      maxLength: 200,
      description: 'each word begins a word of a name or a SKU of the product',
      examples: ['mug'],
    }),
  ),
  category: Type.Optional(
    Type.String({ maxLength: 120, description: 'id or slug; its descendants included' }),
  ),
  minPrice: Type.Optional({ ...Minor, description: 'minor units' }),
  maxPrice: Type.Optional({ ...Minor, description: 'minor units' }),
  currency: Type.Optional({ ...Currency, description: 'only products with prices in this currency' }),
  inStock: Type.Optional(
    Type.Boolean({ description: 'true: only what can be bought; false: only what cannot' }),
  ),
  sort: Type.Unsafe<Sort>(
    Type.String({ enum: [...sorts], default: 'newest', description: 'popular: most units sold' }),
  ),
  status: Type.Union(ProductStatus.anyOf, {
    default: 'published',
    description: 'others than published need catalog:write',
  }),
})

/** Drafts and archived products are for staff. */
const requireReadAccess = (request: FastifyRequest, status: ListFilter['status']) => {
  if (status === 'published' || hasPermission(authOf(request), 'catalog:write')) return
  throw new Problem('forbidden', 'This needs the permission catalog:write.')
}

/** A cursor belongs to one order: in another it would point nowhere. */
const cursors = {
  newest: defineCursor('products-newest', ['time', 'id']),
  name: defineCursor('products-name', ['text', 'id']),
  price: defineCursor('products-price', ['number', 'id']),
  '-price': defineCursor('products-price-down', ['number', 'id']),
  popular: defineCursor('products-popular', ['number', 'id']),
} satisfies Record<Sort, unknown>

const decode = (sort: Sort, cursor: string | undefined): ListFilter['after'] => {
  const [value, id] = cursors[sort].decode(cursor) ?? []
  return value === undefined || id === undefined ? undefined : { value, id }
}

export const listingRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/v1/products',
    {
      schema: {
        operationId: 'listProducts',
        summary: 'Products on sale: search, filter, sort',
        description:
          'A page costs the same however far down it is. Staff see drafts and archived ones by `status`.',
        tags: ['Catalogue'],
        security: forAnyone,
        querystring: ListQuery,
        // The items are stored as JSON text and sent as they are.
        response: {
          200: Type.Unsafe<string>(Page(ProductSummary)),
          ...problemResponses('unauthenticated', 'forbidden'),
        },
      },
    },
    async (request, reply) => {
      const { q, category, cursor, limit, sort, status, ...filter } = request.query
      requireReadAccess(request, status)
      void reply.type(JSON_TYPE)
      const terms = q === undefined || q.trim() === '' ? undefined : queryTerms(q)
      const known = category === undefined || isUuid(category) || isSlug(category)
      if (terms?.length === 0 || !known) return '{"items":[],"nextCursor":null}'
      const rows = await listProducts(db, {
        ...filter,
        status,
        sort,
        terms,
        category:
          category === undefined ? undefined : isUuid(category) ? { id: category } : { slug: category },
        after: decode(sort, cursor),
        limit: limit + 1,
      })
      const encode = cursors[sort].encode as (value: (typeof rows)[number]['value'], id: string) => string
      const page = pageOf(
        rows,
        limit,
        ({ value, id }) => encode(value, id),
        ({ summary }) => summary,
      )
      return `{"items":[${page.items.join(',')}],"nextCursor":${JSON.stringify(page.nextCursor)}}`
    },
  )
}
