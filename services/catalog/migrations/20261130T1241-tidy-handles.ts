import type { Kysely } from 'kysely'

interface Tables {
  products: { id: string; handle: string | null }
}

const tidy = (handle: string) => handle.normalize('NFC').trim().replace(/\s+/gu, ' ')

// Handles that blanks or Unicode forms told apart are one handle now. The product that has it tidy keeps it; the others
// have none any more: exports name them by their slug.
export const up = async (db: Kysely<Tables>) => {
  const stored = await db
    .selectFrom('products')
    .select(['id', 'handle'])
    .where('handle', 'is not', null)
    .orderBy('id')
    .execute()
  const taken = new Set(stored.map(({ handle }) => handle))
  for (const { id, handle } of stored) {
    if (handle === null || tidy(handle) === handle) continue
    const isFree = tidy(handle) !== '' && !taken.has(tidy(handle))
    if (isFree) taken.add(tidy(handle))
    await db
      .updateTable('products')
      .set({ handle: isFree ? tidy(handle) : null })
      .where('id', '=', id)
      .execute()
  }
}
