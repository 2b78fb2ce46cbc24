import { hash } from 'node:crypto'
import { createSharedReads, READ_WAIT_MS } from '@storewright/runtime/batching'
import { authOf, hasPermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  notFound,
  Problem,
  problemResponses,
  setSurrogateKey,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import type { Db } from '../database.ts'
import { forAnyone, JSON_TYPE } from '../schemas.ts'
import {
  SEARCH_LIMITS,
  searchProducts,
  type SearchLimits,
  type SearchResult,
} from '../search/search-products.ts'
import { isSlug, isUuid } from '../slug.ts'
import { findFormerOwner } from '../slugs/former-slugs.ts'
import { countTotal, findFacets } from './facets.ts'
import { findPage } from './find-page.ts'
import type { Filter, ListPage, ListScope, Position, Sort } from './product-list.ts'
import { categoryExists, countSets } from './queries.ts'
import { currencyOf, readFacets, readFilters } from './read-query.ts'
import { ListQuery, ProductPage } from './schemas.ts'

const requireReadAccess = (request: FastifyRequest, status: ListScope['status']) => {
  if (status === 'published' || hasPermission(authOf(request), 'catalog:write')) return
  throw new Problem('forbidden', 'This needs the permission catalog:write.')
}

const cursors = {
  relevance: defineCursor('products-relevance', ['number', 'id', 'number', 'id']),
  newest: defineCursor('products-newest', ['time', 'id']),
  name: defineCursor('products-name', ['text', 'id']),
  price: defineCursor('products-price', ['number', 'id']),
  '-price': defineCursor('products-price-down', ['number', 'id']),
  popular: defineCursor('products-popular', ['number', 'id']),
} satisfies Record<Sort, unknown>

const decode = (sort: Sort, cursor: string | undefined): Position | undefined => {
  const [value, id, score, windowId] = cursors[sort].decode(cursor) ?? []
  if (value === undefined || id === undefined) return undefined
  return windowId === undefined
    ? { value, id }
    : { value, id, window: { score: Number(score), id: windowId } }
}

const encode = (sort: Sort, next: Position | null) => {
  const write = cursors[sort].encode as (...key: (Position['value'] | undefined)[]) => string
  if (!next) return null
  const { value, id, window } = next
  return window ? write(value, id, window.score, window.id) : write(value, id)
}

const categoryKey = (category: string | undefined): ListScope['category'] => {
  if (category === undefined) return undefined
  if (isUuid(category)) return { id: category }
  return isSlug(category) ? { slug: category } : notFound('category', category)
}

const render = ({ rows }: ListPage, shown: string, more: Record<string, unknown>) => {
  const rest = JSON.stringify(more).slice(1)
  const tag = hash('sha1', rows.map(({ id, revision }) => id + revision).join() + shown + rest, 'base64url')
  return {
    etag: `W/"${tag}"`,
    body: `{"items":[${rows.map(({ summary }) => summary).join(',')}],${rest}`,
  }
}

/** Asked only where a page is empty: the category that had the slug before; ends the request where there is none. */
const findMovedCategory = async (db: Db, { category }: ListScope): Promise<string | undefined> => {
  if (!category || (await categoryExists(db, category))) return undefined
  const moved = 'slug' in category ? await findFormerOwner(db, 'category', category.slug) : undefined
  return moved ?? notFound('category', 'id' in category ? category.id : category.slug)
}

interface Deps {
  db: Db
  currency: string
  /** After so many milliseconds the database gives up a statement of a list. */
  listTimeoutMs: number
  /** How much a search reads at once, where not as much as it may. */
  searchLimits?: SearchLimits | undefined
}

const toFilter = (search: SearchResult): Filter =>
  search.kind === 'broad'
    ? { kind: 'words', plan: search.plan }
    : { kind: 'search', ids: search.candidates.map(({ id }) => id) }

const list = async (deps: Deps, query: Static<typeof ListQuery>): Promise<ReturnType<typeof render>> => {
  const { db, currency, listTimeoutMs, searchLimits = SEARCH_LIMITS } = deps
  const { q = '', status, limit, cursor, total = false } = query
  const names = readFacets(query)
  const search = q.trim() === '' ? undefined : await searchProducts(db, q, searchLimits)
  const asked = query.sort ?? 'relevance'
  const sort = asked === 'relevance' && !search ? 'newest' : asked
  const after = decode(sort, cursor)
  const scope = {
    status,
    category: categoryKey(query.category),
    currency: currencyOf(query, names, currency),
  }
  const filters: Filter[] = [...readFilters(query), ...(search ? [toFilter(search)] : [])]
  const request = {
    scope,
    filters,
    sort,
    after,
    limit,
    search,
    searchLimits,
    shown: query.currency ?? currency,
    timeoutMs: listTimeoutMs,
  }
  const isCounted = total || names.length > 0
  const counts = isCounted ? await countSets(db, request) : undefined
  const page = await findPage(db, request, counts)
  const moved = page.rows.length === 0 ? await findMovedCategory(db, scope) : undefined
  if (moved !== undefined) return list(deps, { ...query, category: moved })

  const matches = counts && { ...request, counts }
  const isExact = search?.kind !== 'found' || search.complete
  const found = matches && names.length > 0 && isExact ? await findFacets(db, matches, names) : undefined
  return render(page, request.shown, {
    nextCursor: encode(sort, page.next),
    ...(total && matches && { total: isExact ? await countTotal(db, matches) : null }),
    ...(names.length > 0 && { facets: found?.facets ?? [], facetsComplete: found?.complete ?? false }),
  })
}

export const productListRoutes = (app: Server, deps: Deps) => {
  const share = createSharedReads<ReturnType<typeof render>>({ waitMs: READ_WAIT_MS })
  app.get(
    '/v1/products',
    {
      schema: {
        operationId: 'listProducts',
        summary: 'Products on sale: search, filter, sort',
        description:
          'A page costs the same however far down it is. A page may have fewer products than `limit`, even none, and a `nextCursor`: where many products pass each filter and few all of them, it goes on behind the last that was looked at. Staff see drafts and archived ones by `status`.',
        tags: ['Catalogue'],
        security: forAnyone,
        querystring: ListQuery,
        // The items are stored as JSON text and sent as they are.
        response: {
          200: Type.Unsafe<string>(ProductPage),
          ...problemResponses('unauthenticated', 'forbidden', 'not-found'),
        },
      },
    },
    async (request, reply) => {
      requireReadAccess(request, request.query.status)
      const { etag, body } = await share(JSON.stringify(request.query), () => list(deps, request.query))
      setSurrogateKey(request, reply, ['products'])
      void reply.type(JSON_TYPE).header('etag', etag)
      return body
    },
  )
}
