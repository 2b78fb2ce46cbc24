import { requireInternal } from '@storewright/service-kit/auth'
import type { Server } from '@storewright/service-kit/http'
import { Type } from 'typebox'
import type { Db } from '../database.ts'
import type { KeyRing } from './key-ring.ts'
import { listKeys } from './queries.ts'
import { rotateKey } from './rotate-key.ts'

const Instant = Type.String({ format: 'date-time' })
const Key = Type.Object({
  kid: Type.String(),
  alg: Type.String(),
  state: Type.Union([Type.Literal('published'), Type.Literal('signing'), Type.Literal('retiring')], {
    title: 'SigningKeyState',
  }),
  activeFrom: Instant,
  expiresAt: Type.Union([Instant, Type.Null()]),
})
const Rotation = Type.Object({ made: Type.Boolean(), kid: Type.String(), activeFrom: Instant })

export interface RotationContext {
  db: Db
  ring: KeyRing
  internalToken: string
  leadSeconds: number
  tokenTtlSeconds: number
}

export const rotationRoutes = (app: Server, context: RotationContext) => {
  const { db, ring, internalToken, leadSeconds, tokenTtlSeconds } = context
  const onRequest = requireInternal(internalToken)

  app.get(
    '/internal/signing-keys',
    {
      onRequest,
      schema: { operationId: 'listSigningKeys', response: { 200: Type.Object({ items: Type.Array(Key) }) } },
    },
    async () => {
      const now = new Date()
      const signing = ring.current().kid
      const keys = await listKeys(db, now)
      return {
        items: keys.map(({ kid, alg, activeFrom, expiresAt }) => ({
          kid,
          alg,
          state:
            kid === signing
              ? ('signing' as const)
              : activeFrom > now
                ? ('published' as const)
                : ('retiring' as const),
          activeFrom: activeFrom.toISOString(),
          expiresAt: expiresAt?.toISOString() ?? null,
        })),
      }
    },
  )

  app.post(
    '/internal/signing-keys/rotate',
    {
      onRequest,
      schema: {
        operationId: 'rotateSigningKey',
        body: Type.Object({ now: Type.Boolean({ default: false }) }),
        response: { 200: Rotation },
      },
    },
    async ({ body }) => {
      const rotation = await rotateKey({ db, ring }, { now: body.now, leadSeconds, tokenTtlSeconds })
      return { ...rotation, activeFrom: rotation.activeFrom.toISOString() }
    },
  )
}
