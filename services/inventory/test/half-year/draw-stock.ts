export interface StockDay {
  date: Date
  /** On hand at the end of the day. */
  onHand: number
  sold: number
  refused: number
  /** Units that purchase orders of the day are for, and that were received. */
  ordered: number
  received: number
  reorderPoint: number | null
}

const WIDTH = 960
const HEIGHT = 420
const LEFT = 60
const TOP = 50
const RIGHT = 20
const BOTTOM = 40

const niceStep = (most: number) => {
  const rough = most / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  return ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
}

/** The course of one SKU as a picture (SVG): stock, reorder point, what was sold, ordered and received. */
export const drawStock = (title: string, days: readonly StockDay[]): string => {
  const most = Math.max(1, ...days.map((day) => Math.max(day.onHand, day.sold, day.reorderPoint ?? 0)))
  const step = niceStep(most)
  const top = Math.ceil(most / step) * step
  const x = (index: number) => LEFT + (index / Math.max(1, days.length - 1)) * (WIDTH - LEFT - RIGHT)
  const y = (units: number) => TOP + (1 - units / top) * (HEIGHT - TOP - BOTTOM)
  const at = (...numbers: number[]) => numbers.map((number) => number.toFixed(1)).join(' ')
  const base = y(0)

  const stepped = (valueOf: (day: StockDay) => number | null) =>
    days
      .flatMap((day, index) => {
        const value = valueOf(day)
        if (value === null) return []
        const begins = index === 0 || valueOf(days[index - 1]!) === null
        return [begins ? `M${at(x(index), y(value))}` : `H${x(index).toFixed(1)}V${y(value).toFixed(1)}`]
      })
      .join('')
  const grid = Array.from({ length: Math.round(top / step) + 1 }, (_, line) => line * step).flatMap(
    (units) => [
      `<path d="M${at(LEFT, y(units))}H${WIDTH - RIGHT}" stroke="#ddd"/>`,
      `<text x="${LEFT - 8}" y="${y(units) + 4}" text-anchor="end">${units.toLocaleString('en')}</text>`,
    ],
  )
  const months = days.flatMap(({ date }, index) =>
    date.getUTCDate() === 1
      ? [
          `<path d="M${at(x(index), base)}v5" stroke="#666"/>`,
          `<text x="${x(index).toFixed(1)}" y="${HEIGHT - BOTTOM + 20}">${date.toISOString().slice(0, 7)}</text>`,
        ]
      : [],
  )
  const sold = days.flatMap((day, index) =>
    day.sold > 0 ? [`<path d="M${at(x(index), base)}V${y(day.sold).toFixed(1)}"/>`] : [],
  )
  const ordered = days.flatMap((day, index) =>
    day.ordered > 0 ? [`<circle cx="${x(index).toFixed(1)}" cy="${y(day.onHand).toFixed(1)}" r="4"/>`] : [],
  )
  const received = days.flatMap((day, index) =>
    day.received > 0 ? [`<path d="M${at(x(index), y(day.onHand) - 12)}l-5 9h10z"/>`] : [],
  )
  const refused = days.flatMap((day, index) =>
    day.refused > 0 ? [`<path d="M${at(x(index) - 4, base - 4)}l8 8m0 -8l-8 8"/>`] : [],
  )
  const legend = [
    ['#1f5fa8', 'on hand'],
    ['#b3541e', 'reorder point'],
    ['#7aa37a', 'sold that day'],
    ['#b3541e', '● order placed'],
    ['#2e7d32', '▲ receipt'],
    ['#c62828', '× line refused'],
  ].map(([colour, text], index) => `<text x="${LEFT + index * 145}" y="38" fill="${colour}">${text}</text>`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<text x="${LEFT}" y="20" font-size="15">${title}</text>`,
    ...legend,
    ...grid,
    ...months,
    `<g stroke="#7aa37a" stroke-width="2">${sold.join('')}</g>`,
    `<path d="${stepped((day) => day.reorderPoint)}" fill="none" stroke="#b3541e" stroke-dasharray="5 3"/>`,
    `<path d="${stepped((day) => day.onHand)}" fill="none" stroke="#1f5fa8" stroke-width="1.5"/>`,
    `<g fill="#b3541e">${ordered.join('')}</g>`,
    `<g fill="#2e7d32">${received.join('')}</g>`,
    `<g stroke="#c62828" stroke-width="1.5">${refused.join('')}</g>`,
    '</svg>\n',
  ].join('\n')
}
