import { insertRows, overwriteExcept } from '@storewright/database'
import type { Db, Trx } from '../database.ts'

type Kind = 'product' | 'category'

export const writeFormerSlugs = (trx: Trx, rows: { kind: Kind; slug: string; owner_id: string }[]) =>
  insertRows(trx, 'former_slugs', rows, { onDuplicate: overwriteExcept(rows, ['kind', 'slug']) })

export const findFormerSlug = (db: Db, kind: Kind, slug: string) =>
  db
    .selectFrom('former_slugs')
    .select('owner_id as ownerId')
    .where('kind', '=', kind)
    .where('slug', '=', slug)
    .executeTakeFirst()
