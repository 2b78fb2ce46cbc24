import { UnpagedList } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  etagOf,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  requireMatch,
  setSurrogateKey,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { deletion, problemResponses } from '../problems.ts'
import { isSlug, isUuid } from '../slug.ts'
import { findFormerOwner, Moved, redirect } from '../slugs/former-slugs.ts'
import { retryOnDuplicateKey } from '../writes.ts'
import { treeOf } from './category.ts'
import { changeCategory, createCategory, deleteCategory } from './edit-categories.ts'
import { listCategories, listWithRelatives } from './queries.ts'
import { Category, input, MAX_CATEGORIES, Name, Node, NodeRef, Params, ReadParams } from './schemas.ts'

const tags = ['Catalogue']

const findCategory = async (db: Db, idOrSlug: string) => {
  const key = isUuid(idOrSlug) ? { id: idOrSlug } : isSlug(idOrSlug) ? { slug: idOrSlug } : null
  const rows = key ? await listWithRelatives(db, key) : []
  const byId = new Map(rows.map(({ selfId: _selfId, ...row }) => [row.id, row]))
  const self = byId.get(rows[0]?.selfId ?? '')
  if (!self) return undefined
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
        summary: 'The tree of categories',
        description:
          'The whole tree, each category with the number of published products in it and below it.',
        tags,
        response: { 200: UnpagedList(NodeRef, MAX_CATEGORIES) },
      },
    },
    async (request, reply) => {
      setSurrogateKey(request, reply, ['categories'])
      return { items: treeOf(await listCategories(db)), nextCursor: null }
    },
  )

  app.get(
    '/v1/categories/:id',
    {
      schema: {
        operationId: 'getCategory',
        summary: 'A category with its path from the root and its children',
        description: 'Found by its id or its slug; a slug that it had before leads to it (308).',
        tags,
        responseHeaders: ['ETag'],
        params: ReadParams,
        response: { 200: Category, 308: Moved },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await findCategory(db, id)
      if (found) {
        setSurrogateKey(request, reply, ['categories'])
        return withEtag(reply, found)
      }
      const owner = isSlug(id) ? await findFormerOwner(db, 'category', id) : undefined
      const moved = (owner !== undefined && (await findCategory(db, owner))) || notFound('category', id)
      return redirect(request, reply, `/v1/categories/${moved.slug}`)
    },
  )

  app.post(
    '/v1/categories',
    {
      onRequest: canWrite,
      schema: {
        operationId: 'createCategory',
        summary: 'Add a category',
        description: 'At the root, or below `parentId`. Siblings have different names.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: Type.Object(
          { name: Name, ...input },
          { title: 'NewCategory', examples: [{ name: 'Kitchen' }] },
        ),
        response: {
          201: Category,
          ...problemResponses('slug-taken', 'conflict', 'unknown-category', 'unprocessable'),
        },
      },
    },
    async (request, reply) => {
      const scope = `createCategory|${authOf(request).userId}`
      const { resourceId: id } = await retryOnDuplicateKey(() =>
        withIdempotency(db, { request, reply, scope }, async (trx) => {
          const category = await createCategory(trx, request.body, new Date())
          return { status: 201, resourceId: category.id }
        }),
      )
      void reply.header('location', `/v1/categories/${id}`)
      return withEtag(reply, (await findCategory(db, id)) ?? notFound('category', id))
    },
  )

  app.patch(
    '/v1/categories/:id',
    {
      onRequest: canWrite,
      schema: {
        operationId: 'changeCategory',
        summary: 'Rename or move a category',
        description:
          'It moves with all that is below it, and never below itself; not to where other typed attributes hold that its ' +
          'products do not fit (409). What is not sent stays as it is; its former slug leads to it.',
        tags,
        params: Params,
        headers: IfMatchHeaders,
        body: Type.Object(
          { name: Type.Optional(Name), ...input },
          { title: 'CategoryPatch', minProperties: 1, examples: [{ name: 'Kitchen and bath', position: 2 }] },
        ),
        response: {
          200: Category,
          ...problemResponses(
            'slug-taken',
            'conflict',
            'unknown-category',
            'category-cycle',
            'products-do-not-fit',
            'unprocessable',
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
      const category = (await findCategory(db, id)) ?? notFound('category', id)
      return reply.header('etag', etagOf(version)).send(category)
    },
  )

  app.delete(
    '/v1/categories/:id',
    {
      onRequest: canWrite,
      schema: {
        operationId: 'deleteCategory',
        summary: 'Delete an empty category',
        description: 'Not while products or other categories are in it.',
        tags,
        params: Params,
        ...deletion('category-in-use'),
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
