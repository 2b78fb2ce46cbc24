import { Uuid } from '@storewright/contracts'
import { requireInternal } from '@storewright/service-kit/auth'
import { decodeCursor, encodeCursor, PageQuery, type Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Deps } from '../deps.ts'
import { Problem, problemResponses } from '../problems.ts'
import { readPersonalData, type Position } from './read-personal-data.ts'

const Item = Type.Object({ type: Type.Enum(['order', 'cart']) }, { additionalProperties: true })
const Items = Type.Object({
  items: Type.Array(Item, { maxItems: 100 }),
  nextCursor: Type.Union([Type.String({ maxLength: 1_000 }), Type.Null()]),
})

const UUID = /^[0-9a-f-]{36}$/

const positionFrom = (cursor: string): Position => {
  const [type, time, id] = decodeCursor(cursor, ['string', 'number', 'string'])
  const placedAt = new Date(time)
  if (type === 'order' && UUID.test(id) && !Number.isNaN(placedAt.getTime())) {
    return { type, after: { placedAt, id } }
  }
  if (type === 'cart' && (id === '' || UUID.test(id))) return { type, after: id }
  throw new Problem('invalid-cursor', 'Start again without a cursor.', {
    errors: [{ path: 'cursor', message: 'is not one that this list gave' }],
  })
}

const cursorOf = (position: Position | null): string | null => {
  if (position === null) return null
  if (position.type === 'cart') return encodeCursor(['cart', 0, position.after])
  const { after } = position
  return after ? encodeCursor(['order', after.placedAt.getTime(), after.id]) : null
}

/** All that is kept about a person, for the service that answers them. */
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
      const position: Position =
        cursor === undefined ? { type: 'order', after: undefined } : positionFrom(cursor)
      const { items, next } = await readPersonalData(db, userId, position, limit)
      return { items: items as { type: 'order' | 'cart' }[], nextCursor: cursorOf(next) }
    },
  )
}
