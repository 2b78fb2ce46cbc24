import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** A word of a document, or the beginning of one; all of `every`, one of `some`. */
export type Condition = { word: string; prefix: boolean } | { every: Condition[] } | { some: Condition[] }

/** Whether the words of `search_documents` meet it. */
export const meets = (condition: Condition): RawBuilder<SqlBool> => {
  if ('every' in condition) return sql`(${sql.join(condition.every.map(meets), sql` and `)})`
  if ('some' in condition) return sql`(${sql.join(condition.some.map(meets), sql` or `)})`
  // Words have no sign that LIKE would take for a pattern.
  return sql`search_documents.words like ${`% ${condition.word}${condition.prefix ? '' : ':'}%`}`
}

/** The key in `search_documents` of a product with this id. */
export const keyOf = (id: RawBuilder<unknown>) => sql`unhex(replace(${id}, '-', ''))`

/** A derived table of the ids of products that have one of these words. */
export const productsWith = (words: string[]) => {
  const dashed = [9, 14, 19, 24].reduce(
    (hex, at) => sql`insert(${hex}, ${sql.lit(at)}, 0, '-')`,
    sql`lower(hex(product_id))`,
  )
  return sql`(select ${words.length > 1 ? sql`distinct ` : sql``}convert(${dashed} using ascii) collate ascii_bin as product_id
    from search_postings where word in (${sql.join(words)}))`
}
