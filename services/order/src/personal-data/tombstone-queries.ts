import { sql, type RawBuilder } from 'kysely'

/**
 * A value of a statement, or null once this user was erased. Part of the statement that writes it, so that nobody
 * pays a round trip; an erasure that is under way is waited for.
 */
export const unlessErased = <Value extends string | null>(
  userId: string | null,
  value: Value,
): Value | RawBuilder<Value> =>
  userId === null
    ? value
    : sql<Value>`(select if(count(*) = 0, ${value}, null) from erased_users where user_id = ${userId}
        lock in share mode)`
