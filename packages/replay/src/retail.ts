import { normaliseSku } from '@storewright/contracts'
import type { RetailLine } from './retail-file.ts'

export type RetailProduct = { sku: string; name: string; priceMinor: number }

/** A sale invoice as one order: the same code on several lines is one demand. */
export type RetailOrder = {
  invoice: string
  customer: string | null
  country: string
  lines: { sku: string; quantity: number }[]
}

export type Skipped = Record<'invoices' | 'lines' | 'codes', Record<string, number>>

export type Retail = {
  products: RetailProduct[]
  orders: RetailOrder[]
  skipped: Skipped
  totals: Record<keyof Skipped, number>
}

// Articles of the shop and of its sister (DCGS…); all else is a fee, a voucher, a sample or a correction.
const GOODS = /^(?:\d{5}[A-Z]{0,2}|DCGS[A-Z0-9]+)$/
const NOT_GOODS = 'not goods (fee, voucher, correction)'
// Looks like an article, is "Next Day Carriage".
const FEES = new Set(['23444'])
const SALE_INVOICE = /^\d{6}$/

// Country names that only the file uses. "Unspecified" and "European Community" are no country: the shop's own.
const COUNTRY_NAMES = new Map([
  ['EIRE', 'IE'],
  ['RSA', 'ZA'],
  ['USA', 'US'],
  ['Channel Islands', 'JE'],
  ['Czech Republic', 'CZ'],
  ['Hong Kong', 'HK'],
])

const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
// Some countries have a second, outdated code (UK, FX) that goes by the same name.
const isCurrent = (code: string) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`
const codes = new Map(
  letters
    .flatMap((first) => letters.map((second) => first + second))
    .filter(isCurrent)
    .map((code): [string | undefined, string] => [names.of(code), code]),
)

/** The ISO 3166 code of a country as the retail file names it; the shop's own country where it names none. */
export const countryCode = (name: string) => COUNTRY_NAMES.get(name) ?? codes.get(name) ?? 'GB'

/** The SKU that a stock code stands for; null where the code is not goods. */
export const goodsSku = (code: string) => {
  const sku = normaliseSku(code)
  return sku && GOODS.test(sku) && !FEES.has(sku) ? sku : null
}

/** A price in whole pence; the file has prices with three decimals. */
export const toMinorUnits = (unitPrice: number) => Math.round(unitPrice * 100)

/** Why a line cannot be ordered; null where it can. The first reason that applies is counted. */
export const skipReason = (line: RetailLine): string | null => {
  if (line.invoice.startsWith('C')) return 'cancellation'
  if (!SALE_INVOICE.test(line.invoice)) return 'not an invoice'
  if (!goodsSku(line.code)) return NOT_GOODS
  if (!Number.isInteger(line.quantity) || line.quantity <= 0) return 'quantity not positive'
  if (!(toMinorUnits(line.unitPrice) > 0)) return 'no price'
  return null
}

type Article = { name: string; seenAt: string; prices: Map<number, number> }
type Draft = { customer: string; country: string; cancellation: boolean; lines: Map<string, number> }

const count = <Key>(counts: Map<Key, number>, key: Key, by = 1) =>
  counts.set(key, (counts.get(key) ?? 0) + by)

// The price on most lines; the lower of two that are equally usual.
const usualPrice = (prices: Map<number, number>) => {
  const [price] = [...prices].sort(([a, timesA], [b, timesB]) => timesB - timesA || a - b)[0] ?? [0]
  return price
}

const recordArticle = (articles: Map<string, Article>, sku: string, line: RetailLine) => {
  const article = articles.get(sku) ?? { name: '', seenAt: '', prices: new Map<number, number>() }
  articles.set(sku, article)
  count(article.prices, toMinorUnits(line.unitPrice))
  // Notes about damage stand on lines without a price, which never come here.
  const name = line.description.trim().replaceAll(/\s+/g, ' ')
  if (name && line.date >= article.seenAt) Object.assign(article, { name, seenAt: line.date })
}

const emptyReason = (draft: Draft) => {
  if (draft.cancellation) return 'cancellation'
  return draft.lines.size === 0 ? 'no line that is goods at a price' : null
}

/** Turns the lines of a retail file into a catalogue and orders, and counts all that cannot be ordered by reason. */
export const collectRetail = async (
  lines: AsyncIterable<RetailLine> | Iterable<RetailLine>,
): Promise<Retail> => {
  const articles = new Map<string, Article>()
  const drafts = new Map<string, Draft>()
  const skippedLines = new Map<string, number>()
  const skippedInvoices = new Map<string, number>()
  const codes = new Set<string>()
  let total = 0

  for await (const line of lines) {
    total += 1
    codes.add(line.code.trim().toUpperCase())
    const draft = drafts.get(line.invoice) ?? {
      customer: line.customer,
      country: line.country,
      cancellation: line.invoice.startsWith('C'),
      lines: new Map<string, number>(),
    }
    drafts.set(line.invoice, draft)

    const reason = skipReason(line)
    const sku = goodsSku(line.code)
    if (reason || !sku) {
      count(skippedLines, reason ?? NOT_GOODS)
      continue
    }
    recordArticle(articles, sku, line)
    count(draft.lines, sku, line.quantity)
  }

  const orders: RetailOrder[] = []
  for (const [invoice, draft] of drafts) {
    const reason = emptyReason(draft)
    if (reason) count(skippedInvoices, reason)
    else
      orders.push({
        invoice,
        customer: draft.customer.trim() || null,
        country: draft.country,
        lines: [...draft.lines].map(([sku, quantity]) => ({ sku, quantity })),
      })
  }

  const goods = [...codes].filter((code) => goodsSku(code)).length
  return {
    products: [...articles]
      .map(([sku, article]) => ({ sku, name: article.name || sku, priceMinor: usualPrice(article.prices) }))
      .sort((a, b) => (a.sku < b.sku ? -1 : 1)),
    orders,
    skipped: {
      invoices: Object.fromEntries(skippedInvoices),
      lines: Object.fromEntries(skippedLines),
      codes: { [NOT_GOODS]: codes.size - goods, 'goods, but never sold at a price': goods - articles.size },
    },
    totals: { invoices: drafts.size, lines: total, codes: codes.size },
  }
}
