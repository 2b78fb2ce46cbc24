import { Page, SkuInput, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import {
  defineCursor,
  IdempotencyHeaders,
  notFound,
  OptionalIdempotencyHeaders,
  pageOf,
  PageQuery,
  withEtag,
  withIdempotency,
  type Server,
} from '@storewright/service-kit/http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { Problem, problemResponses } from '../problems.ts'
import { skuFrom } from '../skus.ts'
import { resolveSkus } from '../stock/resolve-skus.ts'
import { cancelOrder, receiveOrder, submitOrder } from './change-orders.ts'
import { createDraft } from './create-orders.ts'
import {
  describePurchaseOrder,
  NewPurchaseOrder,
  PurchaseOrderView,
  Receipt,
  Status,
  Submission,
} from './purchase-order.ts'
import { findPurchaseOrder, listPurchaseOrders } from './queries.ts'

const tags = ['Stock']
const onRequest = requirePermission('stock:write')
const Params = Type.Object({ id: Uuid })
const cursors = defineCursor('purchase orders', ['id'])

/** Where every field may be left out, the body may be, too. */
const allowNoBody = (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
  request.body ??= {}
  done()
}

export const purchaseOrderRoutes = (app: Server, { db, catalog, settings }: Deps) => {
  const show = async (id: string, reply: FastifyReply) => {
    const order = (await findPurchaseOrder(db, id)) ?? notFound('purchase order', id)
    return describePurchaseOrder(withEtag(reply, order))
  }

  /** Lines with SKUs as they are stored; those that nobody knows are refused by line. */
  const knownLines = async <Line extends { sku: string }>(lines: readonly Line[]): Promise<Line[]> => {
    const stored = lines.map((line) => ({ ...line, sku: skuFrom(line.sku) }))
    const { known, catalogUnavailable } = await resolveSkus(
      stored.map(({ sku }) => sku),
      { db, catalog },
    )
    const errors = stored.flatMap(({ sku }, index) =>
      known.has(sku) ? [] : { path: `lines.${index}.sku`, message: 'is not a SKU of the catalogue' },
    )
    if (errors.length === 0) return stored
    if (!catalogUnavailable) throw new Problem('unprocessable', 'Some lines name unknown SKUs.', { errors })
    throw new Problem('unavailable', 'Some SKUs are new here, and the catalogue cannot be asked now.', {
      retryAfter: 2,
    })
  }

  app.get(
    '/v1/purchase-orders',
    {
      onRequest,
      schema: {
        operationId: 'listPurchaseOrders',
        summary: 'Orders with suppliers, the newest first',
        description: 'Those that reorder rules made, too.',
        tags,
        querystring: Type.Object({
          ...PageQuery.properties,
          status: Type.Optional(Status),
          supplier: Type.Optional({ ...Uuid, description: 'its id' }),
          sku: Type.Optional(SkuInput),
        }),
        response: { 200: Page(PurchaseOrderView) },
      },
    },
    async ({ query: { limit, cursor, sku, supplier, status } }) => {
      const [before] = cursors.decode(cursor) ?? []
      const filter = { status, supplierId: supplier, sku: sku === undefined ? sku : skuFrom(sku), before }
      const rows = await listPurchaseOrders(db, { ...filter, limit: limit + 1 })
      return pageOf(rows, limit, ({ id }) => cursors.encode(id), describePurchaseOrder)
    },
  )

  app.get(
    '/v1/purchase-orders/:id',
    {
      onRequest,
      schema: {
        operationId: 'getPurchaseOrder',
        summary: 'An order with a supplier',
        description: 'With what was received of each line so far.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: PurchaseOrderView },
      },
    },
    ({ params }, reply) => show(params.id, reply),
  )

  app.post(
    '/v1/purchase-orders',
    {
      onRequest,
      schema: {
        operationId: 'createPurchaseOrder',
        summary: 'Draft an order with a supplier',
        description:
          'Counts as on order at once: no rule orders the same again while it is open. Submit it next.',
        tags,
        responseHeaders: ['Location', 'ETag'],
        headers: OptionalIdempotencyHeaders,
        body: NewPurchaseOrder,
        response: { 201: PurchaseOrderView, ...problemResponses('unprocessable', 'idempotency-mismatch') },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const { supplierId = null } = request.body
      const lines = await knownLines(request.body.lines)
      const scope = `createPurchaseOrder|${userId}`
      const { resourceId: id } = await withIdempotency(db, { request, reply, scope }, async (trx) => {
        const draft = { supplierId, lines, createdBy: userId }
        return { status: 201, resourceId: await createDraft(trx, draft, settings.clock()) }
      })
      void reply.header('location', `/v1/purchase-orders/${id}`)
      return show(id, reply)
    },
  )

  app.post(
    '/v1/purchase-orders/:id/submit',
    {
      onRequest,
      preValidation: allowNoBody,
      schema: {
        operationId: 'submitPurchaseOrder',
        summary: 'Submit a draft',
        description: 'From now on it may be received; it is expected when the supplier’s lead time is over.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        body: Submission,
        response: { 200: PurchaseOrderView, ...problemResponses('conflict', 'unprocessable') },
      },
    },
    async ({ params: { id }, body }, reply) => {
      await inTransaction(db, (trx) => submitOrder(trx, id, body.supplierId, settings.clock()))
      return show(id, reply)
    },
  )

  app.post(
    '/v1/purchase-orders/:id/receive',
    {
      onRequest,
      preValidation: allowNoBody,
      schema: {
        operationId: 'receivePurchaseOrder',
        summary: 'Take what arrived into stock',
        description:
          'Perhaps a part, but never more than was ordered: then nothing is received. Each line goes to the ledger with ' +
          'the number of the order.',
        tags,
        responseHeaders: ['ETag'],
        headers: IdempotencyHeaders,
        params: Params,
        body: Receipt,
        response: {
          200: PurchaseOrderView,
          ...problemResponses('conflict', 'idempotency-running', 'unprocessable', 'idempotency-mismatch'),
        },
      },
    },
    async (request, reply) => {
      const { userId: receivedBy } = authOf(request)
      const { id } = request.params
      const arrivals = request.body.lines?.map((line) => ({ ...line, sku: skuFrom(line.sku) }))
      const scope = `receivePurchaseOrder|${receivedBy}`
      await withIdempotency(db, { request, reply, scope, body: { id, arrivals } }, async (trx) => {
        await receiveOrder(trx, { id, arrivals, receivedBy }, settings)
        return { status: 200, resourceId: id }
      })
      return show(id, reply)
    },
  )

  app.post(
    '/v1/purchase-orders/:id/cancel',
    {
      onRequest,
      schema: {
        operationId: 'cancelPurchaseOrder',
        summary: 'Cancel what is still to come',
        description:
          'What was received stays. Safe to repeat. An automatic rule whose SKU is still low orders anew; change the rule ' +
          'first where it should not.',
        tags,
        responseHeaders: ['ETag'],
        params: Params,
        response: { 200: PurchaseOrderView, ...problemResponses('conflict') },
      },
    },
    async ({ params: { id } }, reply) => {
      await inTransaction(db, (trx) => cancelOrder(trx, id, settings))
      return show(id, reply)
    },
  )
}
