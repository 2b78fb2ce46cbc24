import { Money, Page, Timestamp, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { requirePermission } from '@storewright/service-kit/auth'
import { defineCursor, notFound, pageOf, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { money } from '../pricing/totals.ts'
import { Problem, problemResponses } from '../problems.ts'
import { orNull } from '../schemas.ts'
import { applyNotice } from './apply-notice.ts'
import { listStuck } from './notice-queries.ts'
import { ForgedNotice } from './provider.ts'

const aNotice = {
  id: 'evt_1',
  type: 'payment_intent.amount_capturable_updated',
  data: { object: { id: 'pi_1' } },
}

const Received = Type.Object({ received: Type.Boolean() }, { title: 'WebhookReceived' })

/** The providers' webhooks. Needs a scope of its own: here bodies are bytes, as they were signed. */
export const webhookRoutes = (app: Server, { db, providers, queue, stepContext }: Deps) => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.post(
    '/v1/payments/webhooks/:provider',
    {
      schema: {
        operationId: 'receivePaymentWebhook',
        summary: 'For payment providers: something happened to a payment',
        description:
          'Signed by the provider; a signature that is wrong or older than five minutes is `400`. Repeated, late and ' +
          'foreign ones are harmless: the provider is asked what is the case.',
        tags: ['Orders'],
        params: Type.Object({ provider: Type.String({ maxLength: 20, examples: ['stripe'] }) }),
        headers: Type.Object({
          'stripe-signature': Type.Optional(
            Type.String({ maxLength: 2_000, examples: ['t=1790000000,v1=5257a869e7ecebeda32affa62cdca3fa'] }),
          ),
        }),
        body: { content: { 'application/json': { schema: Type.Unknown({ examples: [aNotice] }) } } },
        response: { 200: Received, ...problemResponses('not-found', 'unsupported-media-type') },
      },
    },
    async (request) => {
      const { provider } = request.params
      const reader = providers.get(provider)
      if (!reader?.readNotice) return notFound('payment provider with webhooks', provider)
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const notice = await reader
        .readNotice(body, request.headers['stripe-signature'] ?? '')
        .catch((error: unknown) => {
          if (error instanceof ForgedNotice)
            throw new Problem('invalid-request', 'The webhook is not signed by the provider.')
          throw error
        })
      if (notice) {
        const { now } = stepContext()
        const result = await inTransaction(db, (trx) =>
          applyNotice(trx, { provider, notice }, { now, queue }),
        )
        request.log.info({ provider, eventId: notice.eventId, type: notice.type, result }, 'payment webhook')
      }
      return { received: true }
    },
  )
}

const StuckPayment = Type.Object(
  {
    id: Uuid,
    orderId: Uuid,
    kind: Type.Enum(['authorize', 'capture', 'void', 'cancel'], {
      description: 'what the provider was asked for; a cancel withdraws what the customer did not complete',
    }),
    provider: Type.String({ maxLength: 20 }),
    amount: Money,
    tries: Type.Integer({ minimum: 0, maximum: 2_147_483_647 }),
    reason: orNull(Type.String({ maxLength: 100 })),
    since: Timestamp,
    nextTryAt: orNull(Timestamp, { description: 'null where it is not tried any more' }),
  },
  {
    title: 'StuckPayment',
    examples: [
      {
        id: '01990a3d-1b7a-7e52-8c0d-3a5b7c9d1e2f',
        orderId: '01990a3c-8f5e-7cc2-9a33-0d1f3c4b5a70',
        kind: 'void',
        provider: 'stripe',
        amount: { amount: 2598, currency: 'GBP' },
        tries: 9,
        reason: 'provider-unavailable',
        since: '2026-02-01T08:00:00.000Z',
        nextTryAt: '2026-02-01T09:00:00.000Z',
      },
    ],
  },
)

const cursors = defineCursor('stuck-payments', ['time', 'id'])

/** What staff should look at. */
export const stuckPaymentRoutes = (app: Server, { db }: Deps) => {
  app.get(
    '/v1/payments/stuck',
    {
      onRequest: requirePermission('orders:read'),
      schema: {
        operationId: 'listStuckPayments',
        summary: 'Payments that staff should look at, the oldest first',
        description:
          'Voids and captures that the provider refused or did not answer, which are tried on; authorizations that it ' +
          'never answered or gave up.',
        tags: ['Orders'],
        querystring: PageQuery,
        response: { 200: Page(StuckPayment), ...problemResponses('invalid-cursor') },
      },
    },
    async (request) => {
      const { cursor, limit } = request.query
      const [since, id] = cursors.decode(cursor) ?? []
      const rows = await listStuck(db, { after: since && id ? { since, id } : undefined, limit: limit + 1 })
      const page = pageOf(rows, limit, (last) => cursors.encode(last.stuckAt ?? new Date(0), last.id))
      return {
        ...page,
        items: page.items.map(({ amountMinor, currency, stuckAt, dueAt, state, ...row }) => ({
          ...row,
          amount: money(amountMinor, currency),
          since: (stuckAt ?? new Date(0)).toISOString(),
          nextTryAt: state === 'open' ? (dueAt?.toISOString() ?? null) : null,
        })),
      }
    },
  )
}
