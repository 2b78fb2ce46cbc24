import { Page, Uuid } from '@storewright/contracts'
import { inTransaction, newId } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IfMatchHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  requireMatch,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { Problem, problemResponses } from '../problems.ts'
import {
  findSupplier,
  findUse,
  insertSupplier,
  listSuppliers,
  lockSupplier,
  markDeleted,
  updateSupplier,
} from './queries.ts'
import { describeSupplier, NewSupplier, normalisePackSizes, SupplierPatch, SupplierView } from './supplier.ts'

const tags = ['Stock']
const onRequest = requirePermission('stock:write')
const Params = Type.Object({ id: Uuid })
const cursors = defineCursor('suppliers', ['id'])

export const supplierRoutes = (app: Server, { db, settings }: Deps) => {
  const read = async (id: string) => (await findSupplier(db, id)) ?? notFound('supplier', id)

  app.get(
    '/v1/suppliers',
    {
      onRequest,
      schema: {
        operationId: 'listSuppliers',
        summary: 'Who delivers stock, in the order in which they were added',
        description: 'With their lead times and pack sizes. Deleted suppliers are left out.',
        tags,
        querystring: PageQuery,
        response: { 200: Page(SupplierView) },
      },
    },
    async ({ query: { limit, cursor } }) => {
      const [after = ''] = cursors.decode(cursor) ?? []
      const rows = await listSuppliers(db, { after, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursors.encode(id), describeSupplier)
    },
  )

  app.get(
    '/v1/suppliers/:id',
    {
      onRequest,
      schema: {
        operationId: 'getSupplier',
        summary: 'A supplier',
        description: 'With the ETag that a change or a deletion may name.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: SupplierView },
      },
    },
    async ({ params }, reply) => describeSupplier(withEtag(reply, await read(params.id))),
  )

  app.post(
    '/v1/suppliers',
    {
      onRequest,
      schema: {
        operationId: 'createSupplier',
        summary: 'Add a supplier',
        description: 'Reorder rules name suppliers; orders that rules make are rounded up to their packs.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewSupplier,
        response: { 201: SupplierView, ...problemResponses('idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      const scope = `createSupplier|${authOf(request).userId}`
      const { resourceId: id } = await withIdempotency(db, { request, reply, scope }, async (trx) => {
        const { packSizes, ...rest } = request.body
        const now = settings.clock()
        const supplier = { id: newId(), ...rest, packSizes: normalisePackSizes(packSizes), version: 1 }
        await insertSupplier(trx, { ...supplier, createdAt: now, updatedAt: now })
        return { status: 201, resourceId: supplier.id }
      })
      void reply.header('location', `/v1/suppliers/${id}`)
      return describeSupplier(withEtag(reply, await read(id)))
    },
  )

  app.patch(
    '/v1/suppliers/:id',
    {
      onRequest,
      schema: {
        operationId: 'changeSupplier',
        summary: 'Change a supplier',
        description: 'What is not sent stays as it is. Orders that were placed before keep their quantities.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        headers: IfMatchHeaders,
        body: SupplierPatch,
        response: { 200: SupplierView, ...problemResponses('stale-version') },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const changed = await inTransaction(db, async (trx) => {
        const supplier = (await lockSupplier(trx, id)) ?? notFound('supplier', id)
        requireMatch(request, supplier.version)
        const { packSizes = supplier.packSizes, ...rest } = request.body
        const version = supplier.version + 1
        const next = { ...supplier, ...rest, packSizes: normalisePackSizes(packSizes), version }
        const stored = { ...next, updatedAt: settings.clock() }
        await updateSupplier(trx, stored)
        return stored
      })
      return describeSupplier(withEtag(reply, changed))
    },
  )

  app.delete(
    '/v1/suppliers/:id',
    {
      onRequest,
      schema: {
        operationId: 'deleteSupplier',
        summary: 'Delete a supplier',
        description:
          'Refused while an order with it is open, or a reorder rule names it. Ended orders keep its name.',
        tags,
        params: Params,
        headers: IfMatchHeaders,
        response: {
          204: Type.Null({ description: 'Deleted' }),
          ...problemResponses('conflict', 'stale-version'),
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await inTransaction(db, async (trx) => {
        const { version, name } = (await lockSupplier(trx, id)) ?? notFound('supplier', id)
        requireMatch(request, version)
        const { openOrder, ruleOf } = await findUse(trx, id)
        if (openOrder !== undefined)
          throw new Problem('conflict', `The order PO-${openOrder} with ${name} is still open.`)
        if (ruleOf !== undefined)
          throw new Problem('conflict', `The reorder rule of ${ruleOf} names ${name}.`)
        await markDeleted(trx, id, settings.clock())
      })
      return reply.code(204).send(null)
    },
  )
}
