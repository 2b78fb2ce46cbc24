import { Line, Sku, SkuInput, Uuid } from '@storewright/contracts'
import { authOf, requirePermission } from '@storewright/service-kit/auth'
import { IdempotencyHeaders, withIdempotency, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../config.ts'
import { LocationCode } from '../locations/location.ts'
import { problemResponses } from '../problems.ts'
import { skuFrom } from '../skus.ts'
import { MAX_ON_HAND } from './stock.ts'
import { transferStock } from './transfer-stock.ts'

/** Two movements each: one statement writes them. */
const MAX_LINES = 500

const Quantity = Type.Integer({ minimum: 1, maximum: MAX_ON_HAND, examples: [12] })
const Reason = Line(200, { examples: ['nearer to customers'] })
const Reference = Line(100, {
  description: 'of your own; by default the id of the transfer',
  examples: ['truck-17'],
})

const lines = [{ sku: 'MUG-1', quantity: 12 }]

const NewTransfer = Type.Object(
  {
    from: { ...LocationCode, examples: ['main'] },
    to: { ...LocationCode, examples: ['leeds'] },
    lines: Type.Array(Type.Object({ sku: SkuInput, quantity: Quantity }), {
      minItems: 1,
      maxItems: MAX_LINES,
    }),
    reason: Type.Optional(Reason),
    reference: Type.Optional(Reference),
  },
  { examples: [{ from: 'main', to: 'leeds', lines, reason: 'nearer to customers' }] },
)

const TransferView = Type.Object(
  {
    id: Uuid,
    from: LocationCode,
    to: LocationCode,
    lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity }), { maxItems: MAX_LINES }),
    reason: Reason,
    reference: Reference,
  },
  {
    title: 'Transfer',
    examples: [
      {
        id: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a69',
        from: 'main',
        to: 'leeds',
        lines,
        reason: 'nearer to customers',
        reference: 'truck-17',
      },
    ],
  },
)

export const transferRoutes = (app: Server, { db, settings }: Deps) => {
  app.post(
    '/v1/transfers',
    {
      onRequest: requirePermission('stock:write'),
      schema: {
        operationId: 'transferStock',
        summary: 'Move stock from one location to another',
        description:
          'All lines or none, at once: two movements of kind `transfer` for each SKU, with one reference. What orders hold ' +
          'stays where it is.',
        tags: ['Stock'],
        headers: IdempotencyHeaders,
        body: NewTransfer,
        response: {
          201: TransferView,
          ...problemResponses(
            'insufficient-stock',
            'idempotency-running',
            'unknown-location',
            'unprocessable',
            'idempotency-mismatch',
          ),
        },
      },
    },
    async (request, reply) => {
      const { userId } = authOf(request)
      const lines = request.body.lines.map(({ sku, quantity }) => ({ sku: skuFrom(sku), quantity }))
      const transfer = { ...request.body, lines }
      const call = { request, reply, scope: `transferStock|${userId}`, body: transfer }
      const { resourceId: id } = await withIdempotency(db, call, async (trx) => ({
        status: 201,
        resourceId: await transferStock(trx, { ...transfer, recordedBy: userId }, settings),
      }))
      return { reason: 'transfer', reference: id, ...transfer, id }
    },
  )
}
