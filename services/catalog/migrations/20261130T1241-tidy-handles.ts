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
  const set = (id: string, handle: string | null) =>
    db.updateTable('products').set({ handle }).where('id', '=', id).execute()
  for (const [handle, products] of Map.groupBy(stored, (row) => tidy(row.handle ?? ''))) {
    const keeper = products.find((row) => row.handle === handle) ?? products[0]
    // First, because a key may take blanks at the end for nothing, so that "pad" is taken while there is "pad ".
    for (const { id } of products) if (id !== keeper?.id) await set(id, null)
    if (keeper && keeper.handle !== handle) await set(keeper.id, handle === '' ? null : handle)
  }
}
