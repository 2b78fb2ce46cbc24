import { Type } from 'typebox'
import { createServer, type ServerOptions } from '../src/http.ts'
import { createLogger } from '../src/run.ts'

export const lines: string[] = []
const logger = createLogger({ name: 'shop', level: 'debug' }, { write: (line) => void lines.push(line) })

/** A server as a service makes it, with `options` on top. */
export const newServer = (options: Partial<ServerOptions> = {}) =>
  createServer({ name: 'shop', logger, ...options })

const Line = Type.Object({
  sku: Type.String({ minLength: 1, maxLength: 64 }),
  quantity: Type.Integer({ minimum: 1 }),
})

/** One route of each kind, answering what it got. */
export const newShop = (options: Partial<ServerOptions> = {}) => {
  const app = newServer(options)
  app.post(
    '/v1/carts/:id/items',
    {
      schema: {
        operationId: 'setItems',
        params: Type.Object({ id: Type.String({ maxLength: 36 }) }),
        querystring: Type.Object({
          limit: Type.Integer({ minimum: 1, maximum: 100, default: 20 }),
          dry: Type.Optional(Type.Boolean()),
          tags: Type.Optional(Type.Array(Type.String())),
        }),
        body: Type.Object({
          items: Type.Array(Line, { maxItems: 1_000 }),
          kind: Type.Optional(Type.Union([Type.Literal('gift'), Type.Literal('plain')])),
          price: Type.Optional(
            Type.Object({ amount: Type.Integer(), currency: Type.String({ pattern: '^[A-Z]{3}$' }) }),
          ),
          attributes: Type.Optional(
            Type.Record(Type.String({ maxLength: 20 }), Type.String({ maxLength: 20 })),
          ),
        }),
      },
    },
    async ({ body, query, params }) => ({ body, query, params }),
  )
  app.post(
    '/v1/things/:id/cancel',
    {
      schema: {
        operationId: 'cancelThing',
        params: Type.Object({ id: Type.Integer() }),
        body: Type.Object({ reason: Type.Optional(Type.String()) }),
      },
    },
    async ({ body }) => ({ body }),
  )
  app.get('/v1/stock/*', { schema: { operationId: 'anyStock' } }, async () => ({}))
  return app
}
