import { Uuid } from '@storewright/contracts'
import { requireInternal } from '@storewright/service-kit/auth'
import { defineCursor, invalidCursor, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { problemResponses } from '../problems.ts'
import { readPersonalData, type Position } from './read-personal-data.ts'

const Item = Type.Object({ type: Type.Enum(['order', 'cart']) }, { additionalProperties: true })
const Items = Type.Object({
  items: Type.Array(Item, { maxItems: 100 }),
  nextCursor: Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()]),
})

const UUID = /^[0-9a-f-]{36}$/
const cursors = defineCursor('personal-data', ['text', 'time', 'text'])
const UNUSED = new Date(0)

const positionFrom = (cursor: string | undefined): Position => {
  const [type, placedAt, id] = cursors.decode(cursor) ?? []
  if (type === undefined || placedAt === undefined || id === undefined)
    return { type: 'order', after: undefined }
  if (type === 'order' && UUID.test(id)) return { type, after: { placedAt, id } }
  if (type === 'cart' && (id === '' || UUID.test(id))) return { type, after: id }
  throw invalidCursor()
}

const cursorOf = (position: Position | null): string | null => {
  if (position === null) return null
  if (position.type === 'cart') return cursors.encode('cart', UNUSED, position.after)
  const { after } = position
  return after ? cursors.encode('order', after.placedAt, after.id) : null
}

/** All data of a person, for the service that exports it. */
export const personalDataRoutes = (app: Server, { db, settings }: Deps) => {
  app.get(
    '/internal/users/:userId/personal-data',
    {
      onRequest: requireInternal(settings.internalToken),
      schema: {
        operationId: 'listPersonalData',
        summary: 'The orders and carts of a person',
        params: Type.Object({ userId: Uuid }),
        querystring: PageQuery,
        response: { 200: Items, ...problemResponses('invalid-cursor') },
      },
    },
    async ({ params: { userId }, query: { cursor, limit } }) => {
      const { items, next } = await readPersonalData(db, userId, positionFrom(cursor), limit)
      return { items: items as { type: 'order' | 'cart' }[], nextCursor: cursorOf(next) }
    },
  )
}
