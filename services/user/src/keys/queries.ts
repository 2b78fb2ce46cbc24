import { parseJson } from '@storewright/database'
import type { Db } from '../database.ts'
import { writeSigningKey, type PublicJwk, type SigningKey } from './signing-key.ts'

/** Every key that is published, the one that signs last first. `privateJwk` is text, null where it is not ours. */
export const listKeys = async (db: Db, now: Date) => {
  const rows = await db
    .selectFrom('signing_keys')
    .select([
      'kid',
      'alg',
      'public_jwk as publicJwk',
      'private_jwk as privateJwk',
      'created_at as createdAt',
      'active_from as activeFrom',
      'expires_at as expiresAt',
    ])
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .orderBy('active_from', 'desc')
    .orderBy('kid')
    .execute()
  return rows.map(({ publicJwk, privateJwk, ...row }) => ({
    ...row,
    publicJwk: parseJson<PublicJwk>(publicJwk as PublicJwk | string),
    privateJwk: privateJwk === null ? null : JSON.stringify(parseJson<unknown>(privateJwk)),
  }))
}
export type StoredKey = Awaited<ReturnType<typeof listKeys>>[number]

/** Makes the key known to whoever verifies; one from the environment leaves only its public part here. */
export const insertKey = async (
  db: Db,
  key: SigningKey,
  { stored, activeFrom }: { stored: boolean; activeFrom: Date },
  now: Date,
) => {
  const { kid, alg, publicJwk } = key
  const jwks = {
    public_jwk: JSON.stringify(publicJwk),
    private_jwk: stored ? writeSigningKey(key) : null,
  }
  await db
    .insertInto('signing_keys')
    .values({ kid, alg, ...jwks, created_at: now, active_from: activeFrom, expires_at: null })
    // A key that comes back into use is no longer about to expire.
    .onDuplicateKeyUpdate({ expires_at: null })
    .execute()
}

/** Gives all other keys an end, late enough for the tokens they signed and the replicas that still use them. */
export const expireOtherKeys = async (db: Db, kid: string, at: Date) => {
  const others = db.updateTable('signing_keys').where('kid', '<>', kid).where('expires_at', 'is', null)
  await others.set({ expires_at: at }).execute()
}

/** Lets a key that was published for later sign sooner. */
export const activateKey = async (db: Db, kid: string, activeFrom: Date) => {
  const later = db.updateTable('signing_keys').where('kid', '=', kid).where('active_from', '>', activeFrom)
  await later.set({ active_from: activeFrom }).execute()
}

/** Keys that no token can name any more. */
export const deleteExpiredKeys = async (db: Db, before: Date) => {
  await db.deleteFrom('signing_keys').where('expires_at', '<', before).execute()
}
