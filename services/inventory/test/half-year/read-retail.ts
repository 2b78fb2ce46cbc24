import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { readCsv } from '@storewright/runtime/csv'

export interface DemandLine {
  sku: string
  quantity: number
}

export interface RetailDay {
  /** Midnight, UTC. */
  date: Date
  orders: { at: Date; lines: DemandLine[] }[]
}

export interface RetailDemand {
  /** Every day from the first to the last, also those without orders. */
  days: RetailDay[]
  /** Minor units: what each SKU cost first. */
  prices: Map<string, number>
}

const DAY_MS = 86_400_000
const GOODS = /^(?:\d{5}[A-Z]{0,2}|DCGS[A-Z0-9]+)$/
const SALE = /^\d{6}$/

/** Lays orders out by day. */
export const byDay = (orders: readonly { at: Date; lines: DemandLine[] }[]): RetailDay[] => {
  const sorted = orders.toSorted((a, b) => a.at.getTime() - b.at.getTime())
  const dayOf = (at: Date) => Math.floor(at.getTime() / DAY_MS)
  const ofDay = Map.groupBy(sorted, ({ at }) => dayOf(at))
  const days: RetailDay[] = []
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return days
  for (let day = dayOf(first.at); day <= dayOf(last.at); day++)
    days.push({ date: new Date(day * DAY_MS), orders: ofDay.get(day) ?? [] })
  return days
}

/** The orders of a retail file (the columns of UCI "Online Retail"): sale invoices, goods at a price. */
export const readRetail = async (path: string): Promise<RetailDemand> => {
  const file = createReadStream(path)
  const orders = new Map<string, { at: Date; wanted: Map<string, number> }>()
  const prices = new Map<string, number>()
  let column: ((fields: string[], name: string) => string) | undefined
  for await (const records of readCsv(path.endsWith('.gz') ? file.pipe(createGunzip()) : file)) {
    for (const record of records) {
      if ('fault' in record) throw new Error(`line ${record.line} ${record.fault}`)
      if (!column) {
        const header = record.fields
        column = (fields, name) => fields[header.indexOf(name)] ?? ''
        continue
      }
      const field = (name: string) => column?.(record.fields, name) ?? ''
      const [invoice, sku] = [field('InvoiceNo'), field('StockCode').trim().toUpperCase()]
      const [quantity, price] = [Number(field('Quantity')), Math.round(Number(field('UnitPrice')) * 100)]
      if (!SALE.test(invoice) || !GOODS.test(sku) || sku === '23444' || quantity <= 0 || price < 1) continue
      if (!prices.has(sku)) prices.set(sku, price)
      const at = new Date(`${field('InvoiceDate').replace(' ', 'T')}Z`)
      const { wanted } = orders.get(invoice) ?? { wanted: new Map<string, number>() }
      orders.set(invoice, { at, wanted })
      wanted.set(sku, (wanted.get(sku) ?? 0) + quantity)
    }
  }
  const toLines = (wanted: Map<string, number>) => [...wanted].map(([sku, quantity]) => ({ sku, quantity }))
  return {
    days: byDay([...orders.values()].map(({ at, wanted }) => ({ at, lines: toLines(wanted) }))),
    prices,
  }
}
