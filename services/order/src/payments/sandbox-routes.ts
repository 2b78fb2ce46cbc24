import { notFound, type Server } from '@storewright/service-kit/http'
import { inTransaction } from '@storewright/database'
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { postponeAttempts } from './queries.ts'
import { keyOfApproval } from './sandbox.ts'
import { listSandboxOperations, moveSandboxOperation } from './sandbox-queries.ts'

const page = (reply: FastifyReply, title: string, content: string) =>
  reply
    .headers({
      'content-security-policy': "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex',
    })
    .type('text/html; charset=utf-8').send(`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
  </head>
  <body>
    <h1>${title}</h1>
    ${content}
  </body>
</html>
`)

const DECISIONS = {
  approve: { outcome: 'succeeded', reason: null, title: 'The payment is approved' },
  refuse: { outcome: 'declined', reason: 'authentication-failed', title: 'The payment is refused' },
} as const

/** The sandbox's stand-in for a bank's page: the customer approves a payment with `tok_3ds`, or refuses it. */
export const sandboxRoutes = (app: Server, { db, providers, queue, stepContext, settings }: Deps) => {
  if (!providers.has('sandbox')) return
  app.removeAllContentTypeParsers()
  // Forms have no fields: the address is all there is.
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: 1_000 }, (_request, _body, done) =>
    done(null),
  )

  const keyOf = (id: string) => keyOfApproval(id, settings.orderTokenSecret) ?? notFound('page', id)
  const params = Type.Object({ id: Type.String({ maxLength: 200 }) })

  app.get('/v1/payments/sandbox/:id', { schema: { hide: true, params } }, async (request, reply) => {
    const { id } = request.params
    const [operation] = await listSandboxOperations(db, [keyOf(id)])
    if (operation?.outcome !== 'waiting')
      return page(reply, 'This payment waits for nobody', '<p>You can go back to the shop.</p>')
    const forms = Object.entries({ approve: 'Approve', refuse: 'Refuse' }).map(
      ([decision, label]) =>
        `<form method="post" action="/v1/payments/sandbox/${id}/${decision}"><button>${label}</button></form>`,
    )
    return page(reply, 'Approve the payment?', `<p>No money moves: this is a sandbox.</p>${forms.join('')}`)
  })

  app.post(
    '/v1/payments/sandbox/:id/:decision',
    {
      schema: {
        hide: true,
        params: Type.Object({ ...params.properties, decision: Type.Enum(['approve', 'refuse']) }),
      },
    },
    async (request, reply) => {
      const { id, decision } = request.params
      const key = keyOf(id)
      const { title, ...answer } = DECISIONS[decision]
      if (!(await moveSandboxOperation(db, key, answer)))
        return page(reply, 'This payment waits for nobody', '<p>You can go back to the shop.</p>')
      await inTransaction(db, async (trx) => {
        await postponeAttempts(trx, [key], stepContext().now)
        queue.notify(trx)
      })
      return page(reply, title, '<p>You can go back to the shop.</p>')
    },
  )
}
