import { sql, type Kysely } from 'kysely'

export const up = (db: Kysely<unknown>) =>
  sql`create table user_roles (
    user_id char(36) character set ascii collate ascii_bin not null,
    role varchar(40) character set ascii collate ascii_bin not null,
    primary key (user_id, role),
    key user_roles_by_role (role),
    constraint user_roles_of_user foreign key (user_id) references users (id)
  )`.execute(db)
