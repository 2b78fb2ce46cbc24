import { sql, type Kysely } from 'kysely'

// `waiting` is an authorization that the customer has to complete, `replaced` one that came to nothing before that,
// `failed` one that the provider never answered; a `cancel` withdraws these. `stuck_at` is since when staff should look.
export const up = (db: Kysely<unknown>) =>
  sql`alter table payment_attempts
    add column stuck_at datetime(6) null after due_at,
    drop constraint payment_attempts_kind_known,
    drop constraint payment_attempts_state_known,
    drop constraint payment_attempts_open_is_due,
    add constraint payment_attempts_kind_known check (kind in ('authorize', 'capture', 'void', 'cancel')),
    add constraint payment_attempts_state_known check
      (state in ('open', 'waiting', 'succeeded', 'declined', 'voided', 'replaced', 'failed')),
    add constraint payment_attempts_open_is_due check ((state in ('open', 'waiting')) = (due_at is not null)),
    drop key payment_attempts_due,
    add key payment_attempts_due (provider, due_at),
    add key payment_attempts_stuck (stuck_at, id)`.execute(db)
