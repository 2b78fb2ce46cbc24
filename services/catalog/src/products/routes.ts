import { inTransaction } from '@storewright/database'
import { authOf, hasPermission, requirePermission } from '@storewright/service-kit/auth'
import {
  etagOf,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  requireMatch,
  type Server,
  withIdempotency,
} from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db, Trx } from '../database.ts'
import { CurrencyQuery } from '../price-schemas.ts'
import { problemResponses } from '../problems.ts'
import { requireCurrency } from '../require-currency.ts'
import {
  deletion,
  forAnyone,
  JSON_TYPE,
  Product,
  ProductInput,
  ProductParams,
  ProductPatch,
} from '../schemas.ts'
import { isSlug, isUuid } from '../slug.ts'
import { retryOnDuplicateKey } from '../writes.ts'
import { changeProduct, editProduct } from './change-product.ts'
import { createProduct } from './create-product.ts'
import {
  asDeleted,
  renderProduct,
  renderSummary,
  withStatus,
  type Product as StoredProduct,
} from './product.ts'
import { findSummary } from './queries.ts'
import { changeContextOf } from './save-products.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')
const ProductText = Type.Unsafe<string>(Product)

const show = (reply: FastifyReply, product: StoredProduct, currency: string) => {
  void reply.type(JSON_TYPE).header('etag', etagOf(product.version))
  return renderProduct(renderSummary(product, currency), product)
}

export const productRoutes = (app: Server, { db, currency }: { db: Db; currency: string }) => {
  const edit = (
    request: FastifyRequest<{ Params: { id: string } }>,
    change: (product: StoredProduct, trx: Trx, at: Date) => StoredProduct | Promise<StoredProduct>,
  ) =>
    retryOnDuplicateKey(() =>
      inTransaction(db, (trx) => {
        const context = changeContextOf(authOf(request), currency)
        const checked = (product: StoredProduct) => {
          requireMatch(request, product.version)
          return change(product, trx, context.clock())
        }
        return changeProduct(trx, request.params.id, checked, context)
      }),
    )

  app.get(
    '/v1/products/:id',
    {
      schema: {
        operationId: 'getProduct',
        summary: 'A product with its variants and prices',
        description:
          'Found by its id or its slug, with prices in `currency`. Staff see drafts and archived products too.',
        tags,
        security: forAnyone,
        responseHeaders: ['ETag'],
        params: Type.Object({
          id: Type.String({ maxLength: 120, description: 'id or slug', examples: ['mug'] }),
        }),
        querystring: CurrencyQuery,
        response: { 200: ProductText, ...problemResponses('unprocessable') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const key = isUuid(id) ? { id } : isSlug(id) ? { slug: id } : null
      const shown = requireCurrency(request.query.currency ?? currency)
      const found = key && (await findSummary(db, key, shown))
      const visible = found?.status === 'published' || hasPermission(request.auth, 'catalog:write')
      if (!found || !visible) return notFound('product', id)
      // The currency of the shop is a setting and may change.
      void reply.type(JSON_TYPE).header('etag', etagOf(found.version, `${found.revision}-${shown}`))
      return renderProduct(found.summary, found)
    },
  )

  app.post(
    '/v1/products',
    {
      onRequest,
      schema: {
        operationId: 'createProduct',
        summary: 'Add a product, a draft until it is published',
        description:
          'With its variants, up to 100, or without; a slug is made of the name where none is given.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: ProductInput,
        response: {
          201: ProductText,
          ...problemResponses('slug-taken', 'sku-taken', 'unknown-category', 'unprocessable'),
        },
      },
    },
    async (request, reply) => {
      const auth = authOf(request)
      const scope = `createProduct|${auth.userId}`
      const { resourceId: id } = await retryOnDuplicateKey(() =>
        withIdempotency(db, { request, reply, scope }, async (trx) => {
          const product = await createProduct(trx, request.body, changeContextOf(auth, currency))
          return { status: 201, resourceId: product.id }
        }),
      )
      const found = (await findSummary(db, { id }, currency)) ?? notFound('product', id)
      return reply
        .type(JSON_TYPE)
        .headers({ location: `/v1/products/${id}`, etag: etagOf(found.version) })
        .send(renderProduct(found.summary, found))
    },
  )

  app.patch(
    '/v1/products/:id',
    {
      onRequest,
      schema: {
        operationId: 'changeProduct',
        summary: 'Change a product',
        description: 'What is not sent stays as it is; lists and attributes are replaced whole.',
        tags,
        params: ProductParams,
        headers: IfMatchHeaders,
        body: ProductPatch,
        response: {
          200: ProductText,
          ...problemResponses('slug-taken', 'unknown-category', 'stale-version'),
        },
      },
    },
    async (request, reply) =>
      show(reply, await edit(request, (product, trx) => editProduct(trx, product, request.body)), currency),
  )

  for (const { verb, status, ...texts } of [
    {
      verb: 'publish',
      status: 'published',
      summary: 'Put a product on sale',
      description: 'It needs a variant. Safe to repeat.',
    },
    {
      verb: 'archive',
      status: 'archived',
      summary: 'Take a product off sale',
      description:
        'It leaves lists and carts cannot take it any more; it can be published again. Safe to repeat.',
    },
  ] as const)
    app.post(
      `/v1/products/:id/${verb}`,
      {
        onRequest,
        schema: {
          operationId: `${verb}Product`,
          ...texts,
          tags,
          params: ProductParams,
          headers: IfMatchHeaders,
          response: { 200: ProductText, ...problemResponses('wrong-state', 'stale-version') },
        },
      },
      async (request, reply) =>
        show(reply, await edit(request, (product, _trx, at) => withStatus(product, status, at)), currency),
    )

  app.delete(
    '/v1/products/:id',
    {
      onRequest,
      schema: {
        operationId: 'deleteProduct',
        summary: 'Delete a product and its variants',
        description: 'Orders keep what they have of it. Archive it to be able to bring it back.',
        tags,
        params: ProductParams,
        ...deletion(),
      },
    },
    async (request, reply) => {
      await edit(request, asDeleted)
      return reply.code(204).send(null)
    },
  )
}
