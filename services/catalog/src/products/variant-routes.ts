import { inTransaction } from '@storewright/database'
import {
  etagOf,
  IfMatch,
  IfMatchHeaders,
  notFound,
  problemResponses,
  requireMatch,
  requirePermission,
  type Server,
} from '@storewright/service-kit'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { normaliseSku } from '@storewright/contracts'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { IdempotencyHeaders, withIdempotency } from '../idempotency.ts'
import { addVariant } from './add-variant.ts'
import { changeProduct, findProductIdOf, requireVariant } from './change-product.ts'
import { changeContextOf, ProductId } from './edit-routes.ts'
import { withVariant, type Product } from './product.ts'
import { lockProducts } from './queries.ts'
import { VariantAnswer, VariantInput, VariantPatch } from './schemas.ts'
import { variantView } from './view.ts'

const ProductParams = Type.Object({ id: ProductId })
export const SkuParams = Type.Object({ sku: Type.String({ maxLength: 80, examples: ['MUG-1'] }) })
const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')

/** A variant on its own, with the ETag of the product that it is edited with. */
export const showVariant = (reply: FastifyReply, product: Product, sku: string) => {
  void reply.header('etag', etagOf(product.version))
  return { productId: product.id, ...variantView(requireVariant(product, sku)) }
}

export const variantRoutes = (app: Server, { db }: { db: Db }) => {
  const edit = (
    request: FastifyRequest<{ Params: { sku: string } }>,
    change: (product: Product) => Product,
  ) =>
    inTransaction(db, async (trx) =>
      changeProduct(
        trx,
        await findProductIdOf(trx, request.params.sku),
        (product) => {
          requireVariant(product, request.params.sku)
          requireMatch(request, product.version)
          return change(product)
        },
        changeContextOf(request),
      ),
    )

  app.post(
    '/v1/products/:id/variants',
    {
      onRequest,
      schema: {
        operationId: 'addVariant',
        summary: 'Add a variant to a product',
        description: 'All variants of a product have one currency. A SKU never moves to another product.',
        tags,
        params: ProductParams,
        headers: Type.Object({ ...IdempotencyHeaders.properties, 'if-match': Type.Optional(IfMatch) }),
        body: VariantInput,
        response: {
          201: VariantAnswer,
          ...problemResponses('sku-taken', 'currency-mismatch', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const sku = await withIdempotency(request, reply, db, `addVariant|${id}`, async (trx) => {
        const check = (product: Product) => requireMatch(request, product.version)
        await addVariant(trx, id, request.body, check, changeContextOf(request))
        return { status: 201, resourceId: normaliseSku(request.body.sku) ?? '' }
      })
      const [product] = await inTransaction(db, (trx) => lockProducts(trx, [id]))
      return reply.code(201).send(showVariant(reply, product ?? notFound('product', id), sku))
    },
  )

  app.patch(
    '/v1/variants/:sku',
    {
      onRequest,
      schema: {
        operationId: 'changeVariant',
        summary: 'Change name or attributes of a variant',
        description: 'What is not sent stays as it is. Edits go by the version of the whole product.',
        tags,
        params: SkuParams,
        headers: IfMatchHeaders,
        body: VariantPatch,
        response: { 200: VariantAnswer, ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      const { sku } = request.params
      const { name, attributes } = request.body
      const product = await edit(request, (before) => {
        const variant = requireVariant(before, sku)
        return withVariant(before, {
          ...variant,
          name: name?.trim() ?? variant.name,
          attributes: attributes ?? variant.attributes,
        })
      })
      return showVariant(reply, product, sku)
    },
  )

  app.delete(
    '/v1/variants/:sku',
    {
      onRequest,
      schema: {
        operationId: 'deleteVariant',
        summary: 'Take a variant off a product',
        description: 'Orders keep what they have of it; the last variant of a published product stays.',
        tags,
        params: SkuParams,
        headers: IfMatchHeaders,
        response: {
          204: Type.Null({ description: 'It is gone' }),
          ...problemResponses('wrong-state', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      await edit(request, (product) =>
        withVariant(product, { ...requireVariant(product, request.params.sku), deleted: true }),
      )
      return reply.code(204).send(null)
    },
  )
}
