import { requireInternal } from '@storewright/service-kit/auth'
import type { Server } from '@storewright/service-kit/http'
import { RevocationSnapshot } from '@storewright/service-kit/auth'
import type { Db } from '../database.ts'
import { readInForce } from './read-in-force.ts'

export const revocationRoutes = (
  app: Server,
  { db, internalToken, tokenTtlSeconds }: { db: Db; internalToken: string; tokenTtlSeconds: number },
) => {
  app.get(
    '/internal/revocations',
    {
      onRequest: requireInternal(internalToken),
      schema: { operationId: 'listRevocations', response: { 200: RevocationSnapshot } },
    },
    () => readInForce(db, { tokenTtlSeconds }),
  )
}
