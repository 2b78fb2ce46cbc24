import { popularityIn, weightIn, type Document } from './documents.ts'
import { PREFIX, type Matched, type MatchedTerm } from './plan.ts'

/** Score of a word of full weight that was typed as it is; popularity adds up to a sixteenth of it for each step. */
const FULL_SCORE = 960
const POPULARITY_STEP = 4

const scoreOf = (quality: number, popularity: number) =>
  Math.round((quality * FULL_SCORE) / 15) + popularity * POPULARITY_STEP

/** The score of one posting: `quality` of its word, weight and popularity of the product. */
export const scorePosting = (quality: number, strength: number) =>
  scoreOf(quality * weightIn(strength), popularityIn(strength))

const bestMatch = ({ lookup, matches }: Matched, document: Document): number => {
  let best = 0
  for (const { word, quality } of matches) best = Math.max(best, quality * weightIn(document.get(word) ?? 0))
  if (best > 0 || !lookup.prefix) return best
  // Of a frequent beginning not every word was looked up.
  for (const [word, strength] of document)
    if (word.startsWith(lookup.word)) best = Math.max(best, PREFIX * weightIn(strength))
  return best
}

const mean = (numbers: number[]) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length

/** The rarer a word, the more it counts; in steps, so that a score seldom changes with the counts. */
const rarityOf = (documents: number) => 1 + 8 / (1 + Math.floor(Math.log2(1 + documents)))

/** How well a product meets all terms: by the weights of its words and how exactly and how rarely they match. */
export const scoreDocument = (terms: MatchedTerm[], document: Document): number => {
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
  const [strength = 0] = document.values()
  return scoreOf(total / rarities, popularityIn(strength))
}
