import { Timestamp, Uuid } from '@storewright/contracts'
import { inTransaction } from '@storewright/database'
import { notFound, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import type { Sender } from '../mails/mail.ts'
import { CONTENT_SECURITY_POLICY, linksIn, listPage, mailPage } from './page.ts'
import { findCaptured, insertCaptured, listCaptured, pruneCaptured } from './queries.ts'

const MAX_CAPTURED = 1_000
const MAX_SHOWN = 100

/** Stores mails in place of a mail server, for development; the routes show them. */
export const createCaptureSender = (db: Db, clock: () => Date): Sender => ({
  send: (mail) =>
    inTransaction(db, async (trx) => {
      await insertCaptured(trx, mail, clock())
      await pruneCaptured(trx, MAX_CAPTURED)
    }),
  close: () => Promise.resolve(),
})

const Query = Type.Object({ to: Type.Optional(Type.String({ maxLength: 254 })) })

const Captured = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Uuid,
      to: Type.String(),
      subject: Type.String(),
      text: Type.String(),
      html: Type.String(),
      links: Type.Array(Type.String()),
      sentAt: Timestamp,
      kind: Type.String(),
      userId: Uuid,
    }),
    { maxItems: MAX_SHOWN },
  ),
})

const HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'same-origin',
}

const addressFrom = ({ to }: { to?: string | undefined }) => to?.trim().toLowerCase() || undefined

/** The captured mailbox: only where no mail server is set, which production refuses. Not part of the API. */
export const mailboxRoutes = (app: Server, { db }: { db: Db }) => {
  const schema = { hide: true, querystring: Query }

  app.get('/mailbox', { schema }, async ({ query }, reply) => {
    const to = addressFrom(query)
    return reply.headers(HEADERS).send(listPage(await listCaptured(db, { to, limit: MAX_SHOWN }), to))
  })

  app.get(
    '/mailbox/:id',
    { schema: { hide: true, params: Type.Object({ id: Uuid }) } },
    async ({ params: { id } }, reply) => {
      const mail = (await findCaptured(db, id)) ?? notFound('mail', id)
      return reply.headers(HEADERS).send(mailPage(mail))
    },
  )

  app.get(
    '/mailbox/messages',
    { schema: { ...schema, response: { 200: Captured } } },
    async ({ query }, reply) => {
      void reply.header('cache-control', 'no-store')
      const mails = await listCaptured(db, { to: addressFrom(query), limit: MAX_SHOWN })
      return {
        items: mails.map(({ sentAt, ...mail }) => ({
          ...mail,
          links: linksIn(mail.text),
          sentAt: sentAt.toISOString(),
        })),
      }
    },
  )
}
