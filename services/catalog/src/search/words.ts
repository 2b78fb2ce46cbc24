import { foldText } from '@storewright/runtime/text'

/** In characters; the columns that hold words are as long. */
const MAX_WORD = 64
/** More pieces of one code than this are words by themselves, and joined from the first ones only. */
const MAX_JOINED_FROM = 8
/** A piece that changes oftener between letters and digits is a key, not "GR49" or "100ml". */
const MAX_RUNS = 3

const SEPARATORS = /[^\p{L}\p{N}\p{M}]+/u
const RUNS = /\p{N}+|[^\p{N}]+/gu
// Scripts that put no blanks between words; the length mark of kana (ー) belongs to them by its extensions.
const UNSPACED =
  /([\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]+)/u

const cut = (word: string) => (word.length <= MAX_WORD ? word : [...word].slice(0, MAX_WORD).join(''))

/** "マグカップ" as マグ, グカ, カッ, ップ, プ: two characters at every place, so that any part of it is found. */
const bigramsOf = (text: string, withLast: boolean): string[] => {
  const characters = [...text]
  const pairs = characters.slice(1).map((character, index) => characters[index]! + character)
  return withLast || characters.length === 1 ? [...pairs, characters.at(-1)!] : pairs
}

interface Chunk {
  /** Between blanks, without punctuation; "Gr.49" has gr and 49. */
  pieces: string[]
  unspaced: boolean
}

const splitRuns = (piece: string) => {
  const runs = piece.match(RUNS) ?? []
  return runs.length <= MAX_RUNS ? runs : [piece]
}

/** What stands between blanks, folded, with text of unspaced scripts apart. */
const chunksOf = (text: string): Chunk[] => {
  const folded = foldText(text)
  const isUnspaced = UNSPACED.test(folded)
  return folded
    .split(/\s+/u)
    .flatMap((chunk) =>
      (isUnspaced ? chunk.split(UNSPACED) : [chunk]).map((part, index) => {
        const pieces = part.split(SEPARATORS).filter(Boolean)
        return index % 2 === 1
          ? { pieces, unspaced: true }
          : { pieces: pieces.flatMap(splitRuns), unspaced: false }
      }),
    )
    .filter(({ pieces }) => pieces.length > 0)
}

/** The words of a text, each once, and its codes without punctuation ("SKU-15/BL": sku, 15, bl, sku15bl, 15bl). */
export const wordsOf = (text: string): Set<string> => {
  const words = new Set<string>()
  for (const { pieces, unspaced } of chunksOf(text)) {
    if (unspaced) for (const piece of pieces) for (const pair of bigramsOf(piece, true)) words.add(pair)
    else {
      for (const piece of pieces) words.add(cut(piece))
      for (const [index] of pieces.slice(0, MAX_JOINED_FROM).entries())
        words.add(cut(pieces.slice(index).join('')))
    }
  }
  return words
}

/** A code as one word, without its punctuation. */
export const codeOf = (code: string) => cut(foldText(code).split(SEPARATORS).join(''))

/** One word that is looked for. */
export interface Lookup {
  word: string
  /** Words that begin with it count too. */
  prefix: boolean
}

/** A part of a query that must match, in one of these ways: all look-ups of at least one alternative. */
export interface Term {
  alternatives: Lookup[][]
}

/** Of longer queries the beginning counts. */
const MAX_LOOKUPS = 12
/** Shorter pieces of a code stand for themselves: the 49 of "gr49" begins too many numbers. */
const MIN_PREFIX_PIECE = 3

const pieceLookup = (piece: string): Lookup => ({
  word: cut(piece),
  prefix: [...piece].length >= MIN_PREFIX_PIECE,
})

/** What a query asks for; empty where it has neither letters nor digits, and not more than a search can afford. */
export const parseQuery = (q: string): Term[] => {
  const terms: Term[] = chunksOf(q).flatMap(({ pieces, unspaced }): Term[] => {
    if (unspaced)
      return pieces.flatMap((piece) =>
        bigramsOf(piece, false).map((word) => ({
          alternatives: [[{ word, prefix: [...word].length === 1 }]],
        })),
      )
    const joined = [{ word: cut(pieces.join('')), prefix: true }]
    const isCode = pieces.length > 1 && pieces.length <= MAX_JOINED_FROM
    return [{ alternatives: isCode ? [joined, pieces.map(pieceLookup)] : [joined] }]
  })
  const distinct = new Map(terms.map((term) => [JSON.stringify(term), term]))
  let lookups = 0
  return [...distinct.values()].filter(
    ({ alternatives }) => (lookups += alternatives.flat().length) <= MAX_LOOKUPS,
  )
}
