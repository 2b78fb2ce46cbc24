/** What applies to one line or to shipping. */
export interface TaxRule {
  id: string
  name: string
  /** Hundredths of a per cent; 0 is zero-rated. */
  basisPoints: number
  /** Whether prices contain it already. */
  included: boolean
}

export interface TaxRate extends TaxRule {
  country: string
  /** Null: whatever has no rate of its own. */
  categoryId: string | null
  validFrom: Date
}

/** Decides which tax applies; the shop's own table does, and a service of others may take its place. */
export interface TaxProvider {
  /** `categoryIds`: the product's own, [] for what is in none; null where nothing is to be paid. */
  ruleFor(supply: { country: string; categoryIds: readonly string[]; now: Date }): TaxRule | null
}

/** A category's parent; null at the top. */
export type CategoryParents = ReadonlyMap<string, string | null>

const MAX_DEPTH = 100

/** The categories themselves, then those above them, step by step; each once. */
const levelsOf = (parents: CategoryParents, ids: readonly string[]): string[][] => {
  const seen = new Set<string>()
  const levels: string[][] = []
  for (let level = [...new Set(ids)]; level.length > 0 && levels.length < MAX_DEPTH;) {
    for (const id of level) seen.add(id)
    levels.push(level)
    const above = level.flatMap((id) => parents.get(id) ?? [])
    level = [...new Set(above)].filter((id) => !seen.has(id))
  }
  return levels
}

/** Categories with all their ancestors. */
export const withAncestors = (parents: CategoryParents, ids: readonly string[]): string[] =>
  levelsOf(parents, ids).flat()

/** The rate in force: of those that have begun the one that began last. */
const inForce = (rates: readonly TaxRate[], now: Date): TaxRate | undefined =>
  rates
    .filter(({ validFrom }) => validFrom <= now)
    .reduce<TaxRate | undefined>(
      (last, rate) => (last && last.validFrom >= rate.validFrom ? last : rate),
      undefined,
    )

/** The nearest category's rate; of two as near the higher one, so that never too little is paid. */
export const taxesFrom = (rates: readonly TaxRate[], parents: CategoryParents): TaxProvider => {
  const keyOf = (country: string, categoryId: string | null) => `${country}|${categoryId ?? ''}`
  const byKey = Map.groupBy(rates, ({ country, categoryId }) => keyOf(country, categoryId))
  const taxed = new Set(rates.map(({ country }) => country))
  return {
    ruleFor: ({ country, categoryIds, now }) => {
      if (!taxed.has(country)) return null
      const find = (categoryId: string | null) => inForce(byKey.get(keyOf(country, categoryId)) ?? [], now)
      for (const level of levelsOf(parents, categoryIds)) {
        const [highest] = level.flatMap((id) => find(id) ?? []).sort((a, b) => b.basisPoints - a.basisPoints)
        if (highest) return highest
      }
      return find(null) ?? null
    },
  }
}
