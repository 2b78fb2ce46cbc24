import type { Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import { listKeys } from './queries.ts'

const Coordinate = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 64 })

const PublicKey = Type.Object(
  {
    kty: Type.String({ enum: ['EC', 'OKP'] }),
    crv: Type.String({ enum: ['P-256', 'Ed25519'] }),
    x: Coordinate,
    y: Type.Optional(Coordinate),
    kid: Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 64 }),
    alg: Type.String({ enum: ['ES256', 'EdDSA'] }),
    use: Type.String({ enum: ['sig'] }),
  },
  {
    title: 'PublicKey',
    examples: [
      {
        kty: 'EC',
        crv: 'P-256',
        x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
        y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
        kid: '_oQLHMbu5kuuIQzJA1Cynb0HVuu_Hi6aw84Bk_oxdjc',
        alg: 'ES256',
        use: 'sig',
      },
    ],
  },
)

const PublicKeys = Type.Object(
  { keys: Type.Array(PublicKey, { maxItems: 100 }) },
  { description: 'A JSON Web Key Set' },
)

export const keyRoutes = (app: Server, { db }: { db: Db }) => {
  app.get(
    '/.well-known/jwks.json',
    {
      schema: {
        operationId: 'getSigningKeys',
        summary: 'The public keys that access tokens are signed with',
        description:
          'A JSON Web Key Set (RFC 7517). A new key is in it long before tokens are signed with it.',
        responseHeaders: ['Cache-Control'],
        security: [],
        response: { 200: PublicKeys },
      },
    },
    async (_request, reply) => {
      // Half of what a new key waits before it signs (SIGNING_KEY_LEAD_SECONDS), and nothing stale after that.
      reply.header('cache-control', 'public, max-age=300')
      return { keys: (await listKeys(db, new Date())).map(({ publicJwk }) => publicJwk) }
    },
  )
}
