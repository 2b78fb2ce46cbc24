import { sql, type Kysely } from 'kysely'

// `payment_action` is what the customer has to do, as the API shows it; empty unless the payment waits for that.
// `received_minor` is what staff recorded as received of a manual payment.
export const up = (db: Kysely<unknown>) =>
  sql`alter table orders
    add column payment_action json null after payment_token,
    add column received_minor bigint not null default 0 after refunded_minor,
    drop constraint orders_payment_status_known,
    add constraint orders_payment_status_known check (payment_status in ('pending', 'requires_action', 'authorized',
      'declined', 'partly_captured', 'captured', 'partly_refunded', 'refunded', 'voided')),
    add constraint orders_received_in_bounds check (0 <= received_minor and received_minor <= total_minor)`.execute(
    db,
  )
