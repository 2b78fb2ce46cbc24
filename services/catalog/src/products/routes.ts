import { inTransaction, parseJson } from '@storewright/database'
import { authOf, hasPermission, requirePermission } from '@storewright/service-kit/auth'
import {
  etagOf,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  requireMatch,
  setSurrogateKey,
  type Server,
  withIdempotency,
} from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db, Trx } from '../database.ts'
import { CurrencyQuery } from '../price-schemas.ts'
import { deletion, problemResponses, requireCurrency } from '../problems.ts'
import { forAnyone, JSON_TYPE, Product, ProductInput, ProductParams, ProductPatch } from '../schemas.ts'
import { isSlug, isUuid } from '../slug.ts'
import { findFormerOwner, Moved, redirect } from '../slugs/former-slugs.ts'
import { retryOnDuplicateKey } from '../writes.ts'
import { changeProduct, editProduct, pathInPatch } from './change-product.ts'
import { createProduct } from './create-product.ts'
import { createPageReader, findProductPage } from './load-products.ts'
import { asDeleted, withStatus, type Product as StoredProduct } from './product.ts'
import { renderProduct, renderSummary } from './render-product.ts'
import { changeContextOf } from './save-products.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')
const ProductText = Type.Unsafe<string>(Product)

const show = (reply: FastifyReply, product: StoredProduct, currency: string) => {
  void reply.type(JSON_TYPE).header('etag', etagOf(product.version))
  return renderProduct(renderSummary(product, currency), product)
}

/** The page of a product from its stored parts. */
const renderFound = (found: NonNullable<Awaited<ReturnType<typeof findProductPage>>>) =>
  renderProduct(found.summary, {
    description: found.description,
    seo: parseJson(found.seo),
    metadata: parseJson(found.metadata),
  })

export const productRoutes = (app: Server, { db, currency }: { db: Db; currency: string }) => {
  const readPage = createPageReader(db)
  const edit = (
    request: FastifyRequest<{ Params: { id: string } }>,
    change: (product: StoredProduct, trx: Trx, at: Date) => StoredProduct | Promise<StoredProduct>,
    pathOf?: (path: string, product: StoredProduct) => string,
  ) =>
    retryOnDuplicateKey(() =>
      inTransaction(db, (trx) => {
        const context = changeContextOf(authOf(request), currency)
        const checked = (product: StoredProduct) => {
          requireMatch(request, product.version)
          return change(product, trx, context.clock())
        }
        return changeProduct(trx, request.params.id, checked, context, pathOf)
      }),
    )

  app.get(
    '/v1/products/:id',
    {
      schema: {
        operationId: 'getProduct',
        summary: 'A product with its variants and prices',
        description:
          'Found by its id or its slug, with prices in `currency`; a slug that it had before leads to it (308). Staff ' +
          'see drafts and archived products too.',
        tags,
        security: forAnyone,
        responseHeaders: ['ETag'],
        params: Type.Object({
          id: Type.String({ maxLength: 120, description: 'id or slug', examples: ['mug'] }),
        }),
        querystring: CurrencyQuery,
        response: { 200: ProductText, 308: Moved, ...problemResponses('unprocessable') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const isVisible = (found: { status: string } | undefined) =>
        found?.status === 'published' || hasPermission(request.auth, 'catalog:write')
      const by = isUuid(id) ? 'id' : isSlug(id) ? 'slug' : null
      const shown = requireCurrency(request.query.currency ?? currency)
      const found = by ? await readPage({ by, key: id, currency: shown }) : undefined
      if (!found && isSlug(id)) {
        const owner = await findFormerOwner(db, 'product', id)
        const moved =
          owner === undefined ? undefined : await readPage({ by: 'id', key: owner, currency: shown })
        if (moved && isVisible(moved)) return redirect(request, reply, `/v1/products/${moved.slug}`)
      }
      if (!found || !isVisible(found)) return notFound('product', id)
      setSurrogateKey(request, reply, [found.id])
      // The currency of the shop is a setting and may change.
      void reply.type(JSON_TYPE).header('etag', etagOf(found.version, `${found.revision}-${shown}`))
      return renderFound(found)
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
      const found = (await findProductPage(db, { by: 'id', key: id, currency })) ?? notFound('product', id)
      return reply
        .type(JSON_TYPE)
        .headers({ location: `/v1/products/${id}`, etag: etagOf(found.version) })
        .send(renderFound(found))
    },
  )

  app.patch(
    '/v1/products/:id',
    {
      onRequest,
      schema: {
        operationId: 'changeProduct',
        summary: 'Change a product',
        description:
          'What is not sent stays as it is; lists, attributes, SEO fields and metadata are replaced whole. Of changed options, ' +
          'one that is gone leaves the variants, and a new one gives them its first value unless `variants` states others.',
        tags,
        params: ProductParams,
        headers: IfMatchHeaders,
        body: ProductPatch,
        response: {
          200: ProductText,
          ...problemResponses('slug-taken', 'unknown-category', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) =>
      show(
        reply,
        await edit(
          request,
          (product, trx) => editProduct(trx, product, request.body),
          pathInPatch(request.body),
        ),
        currency,
      ),
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
