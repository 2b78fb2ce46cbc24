import { normaliseSku, Sku, SkuLookup, skusOf, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requireInternal, requirePermission } from '@storewright/service-kit/auth'
import {
  etagOf,
  IfMatch,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  requireMatch,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { tidyAttributes } from '../attributes.ts'
import type { Db } from '../database.ts'
import { deletion, problemResponses } from '../problems.ts'
import { lockProducts } from '../products/load-products.ts'
import { spellOptions } from '../products/options.ts'
import type { Product, Variant } from '../products/product.ts'
import { requirePrices } from '../products/read-prices.ts'
import { changeContextOf } from '../products/save-products.ts'
import { replacePrices } from '../products/variant-prices.ts'
import {
  ProductParams,
  ProductStatus,
  ProductVariant,
  SkuParams,
  VariantInput,
  VariantPatch,
} from '../schemas.ts'
import { retryOnDuplicateKey } from '../writes.ts'
import { addVariant } from './add-variant.ts'
import { changeVariant, showVariant } from './change-variant.ts'
import { listVariants } from './queries.ts'

const tags = ['Catalogue']
const onRequest = requirePermission('catalog:write')

const KnownVariant = Type.Object({
  sku: Sku,
  productId: Uuid,
  name: Type.String(),
  status: Type.Union([...ProductStatus.anyOf, Type.Literal('deleted')]),
})

/** With the ETag of the product, whose version edits go by. */
const show = (reply: FastifyReply, product: Product, sku: string, currency: string) => {
  void reply.header('etag', etagOf(product.version))
  return showVariant(product, sku, currency)
}

export const variantRoutes = (
  app: Server,
  { db, internalToken, currency }: { db: Db; internalToken: string; currency: string },
) => {
  const edit = (
    request: FastifyRequest<{ Params: { sku: string } }>,
    change: (variant: Variant, product: Product) => Variant,
  ) => {
    const check = (product: Product) => requireMatch(request, product.version)
    return inTransaction(db, (trx) =>
      changeVariant(trx, request.params.sku, { check, change }, changeContextOf(authOf(request), currency)),
    )
  }

  app.post(
    '/v1/products/:id/variants',
    {
      onRequest,
      schema: {
        operationId: 'addVariant',
        summary: 'Add a variant to a product',
        description:
          'It has at least one price, and at most one for each currency. A SKU never moves to another product.',
        tags,
        params: ProductParams,
        headers: Type.Object({
          ...OptionalIdempotencyHeaders.properties,
          'if-match': Type.Optional(IfMatch),
        }),
        body: VariantInput,
        response: {
          201: ProductVariant,
          ...problemResponses('sku-taken', 'unprocessable', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const auth = authOf(request)
      const check = (product: Product) => requireMatch(request, product.version)
      const scope = `addVariant|${id}|${auth.userId}`
      const { resourceId: sku } = await retryOnDuplicateKey(() =>
        withIdempotency(db, { request, reply, scope }, async (trx) => {
          await addVariant(trx, id, request.body, check, changeContextOf(auth, currency))
          return { status: 201, resourceId: normaliseSku(request.body.sku) ?? '' }
        }),
      )
      const [product] = await inTransaction(db, (trx) => lockProducts(trx, [id]))
      return reply.send(show(reply, product ?? notFound('product', id), sku, currency))
    },
  )

  app.patch(
    '/v1/variants/:sku',
    {
      onRequest,
      schema: {
        operationId: 'changeVariant',
        summary: 'Change name, attributes, options, prices or weight of a variant',
        description:
          'What is not sent stays as it is; prices and attributes are replaced whole (`PUT …/price` sets some prices and keeps the ' +
          'rest). Edits go by the version of the whole product.',
        tags,
        params: SkuParams,
        headers: IfMatchHeaders,
        body: VariantPatch,
        response: { 200: ProductVariant, ...problemResponses('unprocessable', 'stale-version') },
      },
    },
    async (request, reply) => {
      const { name, attributes, options, prices, weightGrams } = request.body
      const [stated] = prices ? requirePrices({ input: { prices }, prefix: '' }) : []
      const changed = await edit(request, (variant, product) => ({
        ...variant,
        name: name?.trim() ?? variant.name,
        attributes: attributes ? tidyAttributes(attributes) : variant.attributes,
        options: options ? spellOptions(product.options, options) : variant.options,
        prices: stated ? replacePrices(variant.prices, stated) : variant.prices,
        weightGrams: weightGrams === undefined ? variant.weightGrams : weightGrams,
      }))
      return show(reply, changed, request.params.sku, currency)
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
        ...deletion('wrong-state'),
      },
    },
    async (request, reply) => {
      await edit(request, (variant) => ({ ...variant, deleted: true }))
      return reply.code(204).send(null)
    },
  )

  app.post(
    '/internal/variants',
    {
      onRequest: requireInternal(internalToken),
      schema: {
        operationId: 'listVariants',
        description: 'For services that no event has informed yet; SKUs that never existed are missing.',
        body: SkuLookup,
        response: { 200: Type.Object({ items: Type.Array(KnownVariant) }) },
      },
    },
    async ({ body }) => {
      const skus = skusOf(body)
      return { items: skus.length === 0 ? [] : await listVariants(db, skus) }
    },
  )
}
