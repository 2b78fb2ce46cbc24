import type { Db, Trx } from '../database.ts'
import { overwriteExcept } from '../writes.ts'

type Kind = 'product' | 'category'

export const writeFormerSlugs = (trx: Trx, rows: { kind: Kind; slug: string; owner_id: string }[]) =>
  trx
    .insertInto('former_slugs')
    .values(rows)
    .onDuplicateKeyUpdate(overwriteExcept(rows, ['kind', 'slug']))
    .execute()

export const findFormerSlug = (db: Db, kind: Kind, slug: string) =>
  db
    .selectFrom('former_slugs')
    .select('owner_id as ownerId')
    .where('kind', '=', kind)
    .where('slug', '=', slug)
    .executeTakeFirst()
