import { deleteBatch, type Db, type Trx } from '../database.ts'

export const listLocks = (db: Db, scopeHashes: string[]) =>
  db
    .selectFrom('login_failures')
    .select(['scope_hash as scopeHash', 'locked_until as lockedUntil'])
    .where('scope_hash', 'in', scopeHashes)
    .execute()

/** Locks the scopes that have failures, in the order of their keys, so that nobody deadlocks. */
export const lockFailures = (trx: Trx, scopeHashes: string[]) =>
  trx
    .selectFrom('login_failures')
    .select([
      'scope_hash as scopeHash',
      'failures',
      'last_failed_at as lastFailedAt',
      'locked_until as lockedUntil',
    ])
    .where('scope_hash', 'in', scopeHashes)
    .orderBy('scope_hash')
    .forUpdate()
    .execute()

/** Inserts missing rows with no failures, so that concurrent attempts count one after another. */
export const openFailures = async (
  trx: Trx,
  scopes: { scopeHash: string; accountHash: string | null }[],
  now: Date,
) => {
  await trx
    .insertInto('login_failures')
    .values(
      scopes
        .toSorted((a, b) => (a.scopeHash < b.scopeHash ? -1 : 1))
        .map(({ scopeHash, accountHash }) => ({
          scope_hash: scopeHash,
          account_hash: accountHash,
          failures: 0,
          last_failed_at: now,
          locked_until: null,
        })),
    )
    .onDuplicateKeyUpdate((row) => ({ scope_hash: row.ref('login_failures.scope_hash') }))
    .execute()
}

export const updateFailures = async (
  trx: Trx,
  scopeHash: string,
  { failures, lockedUntil }: { failures: number; lockedUntil: Date | null },
  now: Date,
) => {
  await trx
    .updateTable('login_failures')
    .set({ failures, last_failed_at: now, locked_until: lockedUntil })
    .where('scope_hash', '=', scopeHash)
    .execute()
}

export const deleteFailures = async (trx: Trx, scopeHashes: string[]) => {
  await trx.deleteFrom('login_failures').where('scope_hash', 'in', scopeHashes).execute()
}

export const deleteFailuresOfAccount = async (trx: Trx, accountHash: string) => {
  await trx.deleteFrom('login_failures').where('account_hash', '=', accountHash).execute()
}

export const findKnownNetwork = (db: Db, userId: string, networkHash: string) =>
  db
    .selectFrom('known_networks')
    .where('user_id', '=', userId)
    .where('network_hash', '=', networkHash)
    .select('seen_at as seenAt')
    .executeTakeFirst()

export const upsertKnownNetwork = async (trx: Trx, userId: string, networkHash: string, now: Date) => {
  await trx
    .insertInto('known_networks')
    .values({ user_id: userId, network_hash: networkHash, seen_at: now })
    .onDuplicateKeyUpdate({ seen_at: now })
    .execute()
}

export const deleteKnownNetworks = async (trx: Trx, userId: string) => {
  await trx.deleteFrom('known_networks').where('user_id', '=', userId).execute()
}

export const deleteStaleThrottling = (db: Db, before: { failure: Date; network: Date }): Promise<boolean> =>
  deleteBatch(
    db.deleteFrom('login_failures').where('last_failed_at', '<', before.failure),
    db.deleteFrom('known_networks').where('seen_at', '<', before.network),
  )
