import type { Server } from '@storewright/service-kit'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { listPublicKeys } from './queries.ts'

const PublicKey = Type.Object({
  kty: Type.String(),
  crv: Type.String(),
  x: Type.String(),
  y: Type.Optional(Type.String()),
  kid: Type.String(),
  alg: Type.String(),
  use: Type.String(),
})

const PublicKeys = Type.Object({ keys: Type.Array(PublicKey) }, { description: 'A JSON Web Key Set' })

export const keyRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'getSigningKeys',
        summary: 'The public keys that access tokens are signed with',
        security: [],
        response: { 200: PublicKeys },
      },
    },
    async (_request, reply) => {
      // Short enough for a new key to be everywhere long before tokens are signed with it alone.
      reply.header('cache-control', 'public, max-age=300, stale-while-revalidate=3600')
      return { keys: await listPublicKeys(db, new Date()) }
    },
  )
}
