import { sql, type Kysely } from 'kysely'

// When what the account may do was changed last; replicas that connect anew ask who changed lately. The other keys
// are the orders in which staff page through accounts.
export const up = (db: Kysely<unknown>) =>
  sql`alter table users
    add column roles_changed_at datetime(6) null,
    add key users_by_roles_change (roles_changed_at),
    add key users_by_status (status, id),
    add key users_by_status_and_email (status, email),
    add key users_by_name (name, id)`.execute(db)
