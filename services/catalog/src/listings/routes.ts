import { Currency, MAX_AMOUNT, Page } from '@storewright/contracts'
import { authOf, hasPermission } from '@storewright/service-kit/auth'
import {
  decodeCursor,
  encodeCursor,
  PageQuery,
  Problem,
  problemResponses,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { forAnyone, JSON_TYPE, ProductSummary } from '../schemas.ts'
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
  status: Type.Union([Type.Literal('published'), Type.Literal('draft'), Type.Literal('archived')], {
    default: 'published',
    description: 'others than published need catalog:write',
  }),
})

/** Drafts and archived products are for staff. */
const requireReadAccess = (request: FastifyRequest, status: ListFilter['status']) => {
  if (status === 'published' || hasPermission(authOf(request), 'catalog:write')) return
  throw new Problem('forbidden', 'This needs the permission catalog:write.')
}

const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** What `toISOString` writes; other instants that `Date.parse` takes may not fit a column. */
const isTimestamp = (text: string) => TIMESTAMP.test(text) && !Number.isNaN(Date.parse(text))

/** A cursor names the order it belongs to: in another it would point nowhere. */
const readCursor = (cursor: string, sort: Sort): ListFilter['after'] => {
  const isNumber = sort === 'price' || sort === '-price' || sort === 'popular'
  const [of, value, id] = decodeCursor(cursor, ['string', isNumber ? 'number' : 'string', 'string'])
  const fits =
    of === sort &&
    isUuid(id) &&
    (!isNumber || Number.isSafeInteger(value)) &&
    (sort !== 'newest' || isTimestamp(String(value)))
  if (!fits) throw new Problem('invalid-cursor', 'Start again without a cursor.')
  return { value, id }
}

const writeCursor = (sort: Sort, { value, id }: { value: Date | string | number; id: string }) =>
  encodeCursor([sort, value instanceof Date ? value.toISOString() : value, id])

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
        after: cursor === undefined ? undefined : readCursor(cursor, sort),
        limit: limit + 1,
      })
      const last = rows.length > limit ? rows[limit - 1] : undefined
      const items = rows.slice(0, limit).map(({ summary }) => summary)
      return `{"items":[${items.join(',')}],"nextCursor":${JSON.stringify(last ? writeCursor(sort, last) : null)}}`
    },
  )
}
