import { Timestamp, Uuid } from '@storewright/contracts'
import { requireInternal } from '@storewright/service-kit/auth'
import { defineCursor, pageOf, PageQuery, problemResponses, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { subjectOf, type Shop } from '../mails/templates.ts'
import { listMessages } from './queries.ts'

const cursors = defineCursor('messages-of-user', ['id'])

const Message = Type.Object({
  type: Type.Literal('message'),
  id: Uuid,
  to: Type.String({ maxLength: 254, description: 'the address' }),
  subject: Type.String({ maxLength: 200 }),
  state: Type.Union(
    [
      Type.Literal('queued'),
      Type.Literal('sending'),
      Type.Literal('sent'),
      Type.Literal('failed'),
      Type.Literal('expired'),
    ],
    { description: 'failed and expired ones never left' },
  ),
  createdAt: Timestamp,
  sentAt: Type.Union([Timestamp, Type.Null()]),
})

const Messages = Type.Object(
  {
    items: Type.Array(Message, { maxItems: 100 }),
    nextCursor: Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()]),
  },
  {
    examples: [
      {
        items: [
          {
            type: 'message',
            id: '0193f0a1-7c3e-7c4b-9d2f-5a6b7c8d9e0f',
            to: 'ada@example.com',
            subject: 'Your password was changed – Storewright',
            state: 'sent',
            createdAt: '2026-01-31T09:30:00.000Z',
            sentAt: '2026-01-31T09:30:00.120Z',
          },
        ],
        nextCursor: null,
      },
    ],
  },
)

export const personalDataRoutes = (
  app: Server,
  { db, shop, internalToken }: { db: Db; shop: Shop; internalToken: string },
) => {
  app.get(
    '/internal/users/:userId/personal-data',
    {
      onRequest: requireInternal(internalToken),
      schema: {
        operationId: 'listMessagesOfUser',
        summary: 'What was sent to a person',
        description: 'For the export of all personal data: messages, oldest first, without their links.',
        tags: ['Internal'],
        params: Type.Object({ userId: Uuid }),
        querystring: PageQuery,
        response: { 200: Messages, ...problemResponses('invalid-request', 'invalid-cursor', 'forbidden') },
      },
    },
    async ({ params: { userId }, query: { cursor, limit } }) => {
      const [after = ''] = cursors.decode(cursor) ?? []
      const rows = await listMessages(db, userId, { after, limit: limit + 1 })
      return pageOf(
        rows,
        limit,
        ({ id }) => cursors.encode(id),
        ({ id, recipient, mail, state, createdAt, sentAt }) => ({
          type: 'message' as const,
          id,
          to: recipient,
          subject: subjectOf(mail, shop),
          state,
          createdAt: createdAt.toISOString(),
          sentAt: sentAt?.toISOString() ?? null,
        }),
      )
    },
  )
}
