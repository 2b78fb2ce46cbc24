import { Page, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import {
  etagOf,
  notFound,
  problemResponses,
  requireMatch,
  requirePermission,
  type Server,
} from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { IdempotencyHeaders, replayable } from '../replayable.ts'
import { isSlug, isUuid, SLUG_PATTERN } from '../products/slug.ts'
import { treeOf, type CategoryNode } from './category.ts'
import { changeCategory } from './change-category.ts'
import { createCategory } from './create-category.ts'
import { deleteCategory } from './delete-category.ts'
import { listAround, listCategories } from './queries.ts'

const counted = {
  id: Uuid,
  parentId: Type.Union([Uuid, Type.Null()]),
  slug: Type.String(),
  name: Type.String(),
  position: Type.Integer({ description: 'among its siblings; equal ones follow their names' }),
  version: Type.Integer(),
  productCount: Type.Integer({ description: 'published products in it and below it' }),
}
const Summary = Type.Object(counted)
const NodeRef = Type.Unsafe<CategoryNode>({ $ref: 'CategoryNode#' })
const Node = Type.Object({ ...counted, children: Type.Array(NodeRef) }, { $id: 'CategoryNode' })
const Category = Type.Object({
  ...counted,
  path: Type.Array(Summary, { description: 'from the root to the category itself' }),
  children: Type.Array(Summary),
})

// ">" separates the names of a path in imports.
const Name = Type.String({ minLength: 1, maxLength: 100, pattern: '^[^>]*[^>\\s][^>]*$' })
const Slug = Type.String({ minLength: 1, maxLength: 120, pattern: SLUG_PATTERN })
const input = {
  slug: Type.Optional(Slug),
  parentId: Type.Optional(Type.Union([Uuid, Type.Null()])),
  position: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
}
const Params = Type.Object({ id: Type.String({ maxLength: 120 }) })
const tags = ['Catalogue']

/** A category with its way from the root and its children. */
const showCategory = async (db: Db, idOrSlug: string) => {
  const key = isUuid(idOrSlug) ? { id: idOrSlug } : isSlug(idOrSlug) ? { slug: idOrSlug } : null
  const rows = key ? await listAround(db, key) : []
  const byId = new Map(rows.map(({ selfId: _selfId, ...row }) => [row.id, row]))
  const self = byId.get(rows[0]?.selfId ?? '') ?? notFound('category', idOrSlug)
  const path = [self]
  for (let above = self.parentId; above !== null;) {
    const parent = byId.get(above)
    if (!parent) break
    path.unshift(parent)
    above = parent.parentId
  }
  return { ...self, path, children: [...byId.values()].filter(({ parentId }) => parentId === self.id) }
}

export const categoryRoutes = (app: Server, { db }: { db: Db }) => {
  const canWrite = requirePermission('catalog:write')
  app.addSchema(Node)

  app.get(
    '/v1/categories',
    {
      schema: {
        operationId: 'listCategories',
        tags,
        response: { 200: Page(NodeRef) },
      },
    },
    async () => ({ items: treeOf(await listCategories(db)), nextCursor: null }),
  )

  app.get(
    '/v1/categories/:id',
    { schema: { operationId: 'getCategory', tags, params: Params, response: { 200: Category } } },
    async ({ params }, reply) => {
      const category = await showCategory(db, params.id)
      void reply.header('etag', etagOf(category.version))
      return category
    },
  )

  app.post(
    '/v1/categories',
    {
      onRequest: canWrite,
      schema: {
        operationId: 'createCategory',
        tags,
        headers: IdempotencyHeaders,
        body: Type.Object({ name: Name, ...input }),
        response: { 201: Category, ...problemResponses('slug-taken', 'conflict', 'unknown-category') },
      },
    },
    async (request, reply) => {
      const id = await replayable(request, reply, db, 'createCategory', async (trx) => {
        const category = await createCategory(trx, request.body, new Date())
        return { status: 201, resourceId: category.id }
      })
      const category = await showCategory(db, id)
      return reply
        .code(201)
        .headers({ location: `/v1/categories/${id}`, etag: etagOf(category.version) })
        .send(category)
    },
  )

  app.patch(
    '/v1/categories/:id',
    {
      onRequest: canWrite,
      schema: {
        operationId: 'changeCategory',
        tags,
        params: Params,
        body: Type.Object({ name: Type.Optional(Name), ...input }, { minProperties: 1 }),
        response: {
          200: Category,
          ...problemResponses(
            'slug-taken',
            'conflict',
            'unknown-category',
            'category-cycle',
            'stale-version',
          ),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const { version } = await inTransaction(db, (trx) =>
        changeCategory(
          trx,
          id,
          request.body,
          (category) => requireMatch(request, category.version),
          new Date(),
        ),
      )
      void reply.header('etag', etagOf(version))
      return showCategory(db, id)
    },
  )

  app.delete(
    '/v1/categories/:id',
    {
      onRequest: canWrite,
      schema: {
        operationId: 'deleteCategory',
        tags,
        params: Params,
        response: { 204: Type.Null(), ...problemResponses('category-in-use', 'stale-version') },
      },
    },
    async (request, reply) => {
      await inTransaction(db, (trx) =>
        deleteCategory(trx, request.params.id, (category) => requireMatch(request, category.version)),
      )
      return reply.code(204).send(null)
    },
  )
}
