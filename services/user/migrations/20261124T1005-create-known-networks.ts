import { sql, type Kysely } from 'kysely'

// The networks that an account's owner was seen in, hashed: strangers' failures do not lock them out there.
export const up = (db: Kysely<unknown>) =>
  sql`create table known_networks (
    user_id char(36) character set ascii collate ascii_bin not null,
    network_hash char(64) character set ascii collate ascii_bin not null,
    seen_at datetime(6) not null,
    primary key (user_id, network_hash),
    key known_networks_by_age (seen_at),
    constraint known_networks_of_user foreign key (user_id) references users (id)
  )`.execute(db)
