import type { Generated, GeneratedAlways } from 'kysely'

interface SearchWordsTable {
  word: string
  /** Products that have it; changes of the last seconds may be missing. */
  documents: number
  /** Since when no product has it; it is deleted later. */
  emptied_at: Date | null
  first: GeneratedAlways<string>
  first_two: GeneratedAlways<string>
}

/** The tables of the search index; see their migrations. */
export interface SearchTables {
  search_words: SearchWordsTable
  search_spellings: { spelling: string; word: string }
  search_postings: { word: string; strength: number; product_id: Buffer }
  search_documents: { product_id: Buffer; words: string }
  search_word_changes: { id: Generated<number>; word: string; change: number }
  search_queue: { category_id: string; after_product: string }
}
