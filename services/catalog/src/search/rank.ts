import { strengthIn, strengthOfBeginning } from './documents.ts'
import { PREFIX, type Matched, type MatchedTerm } from './plan.ts'

/** A typed word of full weight scores 960; the popularity that is part of its strength adds up to a sixteenth of it. */
const SCORE_OF_STRENGTH = 4

/** The score of one posting, whose order is that of its word's index: `quality` of the word, strength in the product. */
export const scorePosting = (quality: number, strength: number) =>
  Math.round(quality * strength * SCORE_OF_STRENGTH)

const bestMatch = ({ lookup, matches }: Matched, document: string): number => {
  let best = 0
  for (const { word, quality } of matches) best = Math.max(best, quality * strengthIn(document, word))
  // Of a frequent beginning not every word was looked up.
  return best > 0 || !lookup.prefix ? best : PREFIX * strengthOfBeginning(document, lookup.word)
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

/** The rarer a word, the more it counts; in steps, so that a score seldom changes with the counts. */
const rarityOf = (documents: number) => 1 + 8 / (1 + Math.floor(Math.log2(1 + documents)))

/** How well the words of a product, as they are stored, meet all terms: by the strengths of its words and how exactly and how rarely they match. */
export const scoreDocument = (terms: MatchedTerm[], document: string): number => {
  let total = 0
  let rarities = 0
  for (const { alternatives, documents } of terms) {
    const rarity = rarityOf(documents)
    rarities += rarity
    const scores = alternatives.map((lookups) => {
      const best = lookups.map((lookup) => bestMatch(lookup, document))
      return best.includes(0) ? 0 : mean(best)
    })
    total += rarity * Math.max(...scores)
  }
  return scorePosting(1, total / rarities)
}
