/** What a rule orders at and how many; null while it orders nothing. */
export type Figures = { point: number; quantity: number } | null

export interface Line {
  day: number
  quantity: number
  sold: boolean
}

/** All that happened to one SKU, in its order. */
export interface Course {
  opening: { day: number; units: number }
  lines: Line[]
  /** By day, as they are after its night; absent before there is a rule. */
  figures: (Figures | undefined)[]
}

interface Terms {
  days: number
  leadTimeDays: number
  packSize: number
}

/**
 * A reorder rule played a second time, in plain arithmetic that shares nothing with the service: up to point and quantity
 * when at most the point is left and nothing is on order. Counts where it would have done better or worse.
 */
export const playPlainly = ({ opening, lines, figures }: Course, { days, leadTimeDays, packSize }: Terms) => {
  const byDay = Map.groupBy(lines, ({ day }) => day)
  let stock = 0
  let open: { arrives: number; units: number } | null = null
  let rule: Figures = null
  const found = { refusedThoughCovered: 0, soldThoughShort: 0, ordered: 0 }
  const reorder = (day: number) => {
    if (!rule || open || stock > rule.point) return
    const units = Math.ceil((rule.point + rule.quantity - stock) / packSize) * packSize
    open = { arrives: day + leadTimeDays, units }
    found.ordered += units
  }
  for (let day = opening.day; day < days; day++) {
    if (day === opening.day) stock += opening.units
    const arrival: { arrives: number; units: number } | null = open
    if (arrival && (arrival as { arrives: number }).arrives === day) {
      stock += (arrival as { units: number }).units
      open = null
    }
    reorder(day)
    for (const { quantity, sold } of byDay.get(day) ?? []) {
      const covered = quantity <= stock
      if (sold && !covered) found.soldThoughShort += 1
      if (!sold && covered) found.refusedThoughCovered += 1
      if (sold) stock -= quantity
    }
    reorder(day)
    rule = figures[day] ?? null
    reorder(day)
  }
  return found
}

/**
 * Whether the textbook's promise was broken: what was sold in the lead time before, and the refused line, were within the
 * lowest point of that time. A rule with one open order breaks it where the point rose while an order was under way.
 */
export const isWithinPoint = ({ lines, figures }: Course, index: number, leadTimeDays: number) => {
  const refused = lines[index]!
  const first = refused.day - leadTimeDays + 1
  let demand = refused.quantity
  for (let at = index - 1; at >= 0 && lines[at]!.day >= first; at--)
    if (lines[at]!.sold) demand += lines[at]!.quantity
  let point = Infinity
  for (let day = first; day <= refused.day; day++) point = Math.min(point, figures[day - 1]?.point ?? -1)
  return demand <= point
}
