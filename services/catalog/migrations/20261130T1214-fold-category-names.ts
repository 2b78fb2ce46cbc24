import { sql, type Kysely } from 'kysely'
import { nameKeyOf } from '../src/categories/category.ts'

// `name_key` was the name in lower case; now accents and width do not count either. Where siblings become equal, the
// later one keeps its old key: nothing is merged, and it gets the new key when it is renamed.
export const up = async (db: Kysely<unknown>) => {
  const { rows } = await sql<{ id: string; place: string; name: string; key: string }>`
    select id, parent_key as place, name, name_key as \`key\` from categories order by id`.execute(db)
  const taken = new Set(rows.map(({ place, key }) => `${place} ${key}`))
  for (const { id, place, name, key } of rows) {
    const folded = nameKeyOf(name)
    if (folded === key || taken.has(`${place} ${folded}`)) continue
    await sql`update categories set name_key = ${folded} where id = ${id}`.execute(db)
    taken.add(`${place} ${folded}`)
  }
}
