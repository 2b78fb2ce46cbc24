import { parseJson } from '@storewright/database'
import type { Db } from '../database.ts'
import { writeSigningKey, type PublicJwk, type SigningKey } from './signing-key.ts'

/** The newest key that the database itself holds and that is still in use. */
export const findStoredKey = async (db: Db): Promise<string | undefined> => {
  const row = await db
    .selectFrom('signing_keys')
    .select('private_jwk as privateJwk')
    .where('private_jwk', 'is not', null)
    .where('expires_at', 'is', null)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .limit(1)
    .executeTakeFirst()
  return row?.privateJwk ? JSON.stringify(parseJson<unknown>(row.privateJwk)) : undefined
}

/** Makes the key known to whoever verifies; one from the environment leaves only its public part here. */
export const insertKey = async (db: Db, key: SigningKey, { stored }: { stored: boolean }, now: Date) => {
  await db
    .insertInto('signing_keys')
    .values({
      kid: key.kid,
      alg: key.alg,
      public_jwk: JSON.stringify(key.publicJwk),
      private_jwk: stored ? writeSigningKey(key) : null,
      created_at: now,
      expires_at: null,
    })
    // A key that comes back into use is no longer about to expire.
    .onDuplicateKeyUpdate({ expires_at: null })
    .execute()
}

/** Gives all other keys an end, late enough for the tokens they signed and the replicas that still use them. */
export const expireOtherKeys = async (db: Db, kid: string, at: Date) => {
  await db
    .updateTable('signing_keys')
    .set({ expires_at: at })
    .where('kid', '<>', kid)
    .where('expires_at', 'is', null)
    .execute()
}

export const listPublicKeys = async (db: Db, now: Date): Promise<PublicJwk[]> => {
  const rows = await db
    .selectFrom('signing_keys')
    .select('public_jwk as publicJwk')
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
    .orderBy('created_at', 'desc')
    .execute()
  return rows.map((row) => parseJson<PublicJwk>(row.publicJwk as PublicJwk | string))
}
