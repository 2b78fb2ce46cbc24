import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

// The truth that a replay is compared with. It shares nothing with the replay's own reading of the file, on purpose:
// whole file in memory, one loop per question.

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The real shop's half-year where it lies beside the project, else the project's own small messy file. */
export const retailFile = () =>
  [here('../../../shared/data/online-retail.csv.gz'), here('../fixtures/messy-retail.csv')].find((path) =>
    existsSync(path),
  ) ?? ''

type Row = { invoice: string; sku: string; quantity: number; price: number }

const unquote = (field: string) => field.replace(/^"|"$/g, '').replaceAll('""', '"')

const readRows = (path: string): Row[] => {
  const packed = readFileSync(path)
  const text = (path.endsWith('.gz') ? gunzipSync(packed) : packed).toString('utf8')
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => {
      const [invoice = '', code = '', , quantity, , price] = [
        ...line.matchAll(/(?:^|,)("(?:[^"]|"")*"|[^,]*)/g),
      ]
        .map(([, field = '']) => field)
        .map(unquote)
      return { invoice, sku: code.trim().toUpperCase(), quantity: Number(quantity), price: Number(price) }
    })
}

const isGoods = (sku: string) =>
  (/^\d{5}[A-Z]?[A-Z]?$/.test(sku) && sku !== '23444') || sku.startsWith('DCGS')
const isSale = ({ invoice, sku, quantity, price }: Row) =>
  /^\d+$/.test(invoice) && isGoods(sku) && quantity > 0 && Math.round(price * 100) >= 1

const usualPrice = (rows: Row[]) => {
  const prices = rows.map(({ price }) => Math.round(price * 100)).sort((a, b) => a - b)
  const times = (price: number) => prices.filter((other) => other === price).length
  return [...new Set(prices)].reduce((best, price) => (times(price) > times(best) ? price : best))
}

const sumBySku = (rows: { sku: string; quantity: number }[]) => {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of rows) sums.set(sku, (sums.get(sku) ?? 0) + quantity)
  return sums
}

/** What a plain reading of the file gives: prices, and what each invoice wants. */
export const readPlainly = (path: string) => {
  const rows = readRows(path)
  const sales = rows.filter(isSale)
  const bySku = Map.groupBy(sales, ({ sku }) => sku)
  const byInvoice = Map.groupBy(sales, ({ invoice }) => invoice)
  const linesOf = Map.groupBy(rows, ({ invoice }) => invoice)
  const longest = [...byInvoice.keys()].reduce((best, invoice) =>
    (linesOf.get(invoice)?.length ?? 0) > (linesOf.get(best)?.length ?? 0) ? invoice : best,
  )
  return {
    lines: rows.length,
    invoices: linesOf.size,
    cancellations: [...linesOf.keys()].filter((invoice) => invoice.startsWith('C')).length,
    withoutGoods: [...linesOf.keys()].filter((invoice) => !invoice.startsWith('C') && !byInvoice.has(invoice))
      .length,
    prices: new Map([...bySku].map(([sku, lines]) => [sku, usualPrice(lines)])),
    orders: new Map([...byInvoice].map(([invoice, lines]) => [invoice, sumBySku(lines)])),
    longest: { invoice: longest, lines: linesOf.get(longest)?.length ?? 0 },
  }
}

/** What may be sold of each SKU when these invoices are replayed: four fifths of every fifth bestseller. */
export const plainStock = (skus: Iterable<string>, orders: Map<string, number>[]) => {
  const wanted = (sku: string) => orders.reduce((sum, order) => sum + (order.get(sku) ?? 0), 0)
  const sorted = [...skus].sort()
  const bestsellers = sorted.filter((sku) => orders.filter((order) => order.has(sku)).length >= 5)
  return new Map(
    sorted.map((sku) => {
      const scarce = bestsellers.indexOf(sku) % 5 === 0
      return [sku, scarce ? Math.ceil((wanted(sku) * 4) / 5) : wanted(sku)]
    }),
  )
}
