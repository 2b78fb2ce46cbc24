import { requireInternal } from '@storewright/service-kit/auth'
import { RevocationSnapshot } from '@storewright/service-kit/auth'
import type { Server } from '@storewright/service-kit/http'
import { listChangedPermissions } from '../accounts/accounts.ts'
import { listChangedKeyPermissions, listRevokedApiKeys } from '../api-keys/key-permissions.ts'
import type { Db } from '../database.ts'
import { listRevocations } from '../sessions/session.ts'

/** A revocation may be committed a little after the time that it bears. */
const SLACK_MS = 30_000

/** Everything that changed since the oldest valid access token was signed. */
export const readRevocations = async (
  db: Db,
  { tokenTtlSeconds }: { tokenTtlSeconds: number },
  now = new Date(),
): Promise<RevocationSnapshot> => {
  const since = new Date(now.getTime() - tokenTtlSeconds * 1_000 - SLACK_MS)
  const [sessions, apiKeys, roles, keys] = await Promise.all([
    listRevocations(db, since),
    listRevokedApiKeys(db, since),
    listChangedPermissions(db, since),
    listChangedKeyPermissions(db, since),
  ])
  return { tokenTtlSeconds, sessions, apiKeys, roles: [...roles, ...keys] }
}

interface Context {
  db: Db
  internalToken: string
  tokenTtlSeconds: number
}

export const revocationRoutes = (app: Server, { db, internalToken, tokenTtlSeconds }: Context) => {
  app.get(
    '/internal/revocations',
    {
      onRequest: requireInternal(internalToken),
      schema: { operationId: 'listRevocations', response: { 200: RevocationSnapshot } },
    },
    () => readRevocations(db, { tokenTtlSeconds }),
  )
}
