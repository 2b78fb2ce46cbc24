import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`alter table carts
    modify column \`lines\` json not null,
    modify column codes json not null,
    drop key carts_of_user,
    add key carts_by_user (user_id, id),
    add unique key carts_active (active_key),
    add key carts_expire (expires_at),
    add key carts_with_activity (activity_due_at),
    add key carts_to_be_abandoned (abandon_due_at)`.execute(db)
