import { inTransaction } from '@storewright/database'
import {
  authOf,
  etagOf,
  IfMatchHeaders,
  notFound,
  problemResponses,
  requireMatch,
  requirePermission,
  type Server,
} from '@storewright/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Db, Trx } from '../database.ts'
import { retryOnDuplicateKey } from '../duplicate-keys.ts'
import { IdempotencyHeaders, withIdempotency } from '../idempotency.ts'
import { changeProduct, patchProduct } from './change-product.ts'
import { createProduct } from './create-product.ts'
import { deleted, withStatus, type Product } from './product.ts'
import { findView } from './queries.ts'
import { JSON_TYPE } from './read-routes.ts'
import type { ChangeContext } from './save-products.ts'
import { ProductDetail, ProductInput, ProductPatch } from './schemas.ts'
import { detailView, productView } from './view.ts'

export const ProductId = Type.String({
  maxLength: 36,
  examples: ['01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69'],
})
const Params = Type.Object({ id: ProductId })
const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')
// Sent as the JSON text that is stored.
const Answer = Type.Unsafe<string>(ProductDetail)

export const changeContextOf = (request: FastifyRequest, reason: string | null = null): ChangeContext => ({
  clock: () => new Date(),
  by: authOf(request).userId,
  reason,
})

const show = (reply: FastifyReply, product: Product) => {
  void reply.type(JSON_TYPE).header('etag', etagOf(product.version))
  return detailView(productView(product), product.description)
}

export const editRoutes = (app: Server, { db }: { db: Db }) => {
  const edit = (
    request: FastifyRequest<{ Params: { id: string } }>,
    change: (product: Product, trx: Trx, at: Date) => Product | Promise<Product>,
  ) =>
    retryOnDuplicateKey(() =>
      inTransaction(db, (trx) => {
        const context = changeContextOf(request)
        const checked = (product: Product) => {
          requireMatch(request, product.version)
          return change(product, trx, context.clock())
        }
        return changeProduct(trx, request.params.id, checked, context)
      }),
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
        sends: ['Location', 'ETag'],
        headers: IdempotencyHeaders,
        body: ProductInput,
        response: {
          201: Answer,
          ...problemResponses(
            'slug-taken',
            'sku-taken',
            'unknown-category',
            'currency-mismatch',
            'unprocessable',
          ),
        },
      },
    },
    async (request, reply) => {
      const id = await withIdempotency(request, reply, db, 'createProduct', async (trx) => {
        const product = await createProduct(trx, request.body, changeContextOf(request))
        return { status: 201, resourceId: product.id }
      })
      const found = (await findView(db, { id })) ?? notFound('product', id)
      return reply
        .code(201)
        .type(JSON_TYPE)
        .headers({ location: `/v1/products/${id}`, etag: etagOf(found.version) })
        .send(detailView(found.view, found.description))
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
        params: Params,
        headers: IfMatchHeaders,
        body: ProductPatch,
        response: { 200: Answer, ...problemResponses('slug-taken', 'unknown-category', 'stale-version') },
      },
    },
    async (request, reply) =>
      show(reply, await edit(request, (product, trx) => patchProduct(trx, product, request.body))),
  )

  for (const { verb, status, ...told } of [
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
          ...told,
          tags,
          params: Params,
          headers: IfMatchHeaders,
          response: { 200: Answer, ...problemResponses('wrong-state', 'stale-version') },
        },
      },
      async (request, reply) =>
        show(reply, await edit(request, (product, _trx, at) => withStatus(product, status, at))),
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
        params: Params,
        headers: IfMatchHeaders,
        response: { 204: Type.Null({ description: 'It is gone' }), ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      await edit(request, (product) => deleted(product))
      return reply.code(204).send(null)
    },
  )
}
