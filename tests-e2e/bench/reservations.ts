import { OrderPlaced } from '@storewright/contracts'
import { connect, inTransaction, newId, type Db } from '@storewright/database'
import { emit } from '@storewright/messaging/outbox'
import { sql } from 'kysely'
import type { Stack } from '@storewright/local'
import { setTimeout as pause } from 'node:timers/promises'

const PER_COMMIT = 1_000
const POLL_MS = 10
const DECIDED_WITHIN_MS = 120_000
const NONE = { amount: 0, currency: 'GBP' }

/** Orders for one SKU or spread over many, which inventory decided; `perSecond` is the middle of the turns. */
export type Reservations = { scenario: string; orders: number; perSecond: number; turns: number[] }

const placed = (sku: string) => {
  const line = { lineId: newId(), sku, name: sku, quantity: 1, unitPrice: NONE, discount: NONE, tax: NONE }
  return {
    orderId: newId(),
    number: 'SW-1',
    userId: null,
    country: 'GB',
    lines: [{ ...line, total: NONE }],
    totals: { subtotal: NONE, discount: NONE, shipping: NONE, tax: NONE, total: NONE },
    placedAt: new Date().toISOString(),
  }
}

const countReservations = async (db: Db<unknown>) => {
  const { rows } = await sql<{
    count: number
  }>`select count(*) as count from reservations where state = 'held'`.execute(db)
  return Number(rows[0]?.count)
}

const stockUp = async (db: Db<unknown>, skus: string[]) => {
  const values = skus.map((sku) => sql`(${sku}, 1, 1000000, 0)`)
  await sql`insert into stock (sku, location_id, on_hand, reserved) values ${sql.join(values)}`.execute(db)
}

/**
 * Inventory alone, one replica: its events wait in the outbox while it is frozen, then its relay, the broker, its
 * consumer and the answers run at full speed until every order is decided. Hot and spread take turns.
 */
export const measureReservations = async (
  stack: Stack,
  { orders, turns }: { orders: number; turns: number },
): Promise<Reservations[]> => {
  const others = stack.processes.map(({ name }) => name).filter((name) => name !== 'inventory')
  await Promise.all(others.map((name) => stack.stopService(name)))
  const inventory = stack.processes.find(({ name }) => name === 'inventory')
  const url = stack.databases['inventory']
  if (!inventory || url === undefined) throw new Error('the shop has no inventory service')
  const db = connect<unknown>(url, { poolSize: 4 })

  const decide = async (skus: string[], count: number) => {
    const before = await countReservations(db)
    const { pid } = inventory
    if (pid === undefined) throw new Error('inventory does not run')
    process.kill(pid, 'SIGSTOP')
    try {
      for (let from = 0; from < count; from += PER_COMMIT) {
        const part = Array.from({ length: Math.min(PER_COMMIT, count - from) }, (_, at) => from + at)
        await inTransaction(db, async (trx) => {
          for (const at of part) await emit(trx, OrderPlaced, placed(skus[at % skus.length] ?? ''))
        })
      }
    } finally {
      process.kill(pid, 'SIGCONT')
    }
    const began = performance.now()
    while ((await countReservations(db)) < before + count) {
      if (performance.now() - began > DECIDED_WITHIN_MS) throw new Error('inventory did not decide in time')
      await pause(POLL_MS)
    }
    return count / ((performance.now() - began) / 1_000)
  }

  try {
    const spread = Array.from({ length: 1_000 }, (_, at) => `SPREAD-${at}`)
    const scenarios = [
      { scenario: 'reservations, one hot SKU', skus: ['HOT'], rates: [] as number[] },
      { scenario: 'reservations, 1,000 SKUs', skus: spread, rates: [] as number[] },
    ]
    await stockUp(db, ['HOT', ...spread])
    for (const { skus } of scenarios) await decide(skus, Math.ceil(orders / 4)) // not timed: the process compiles
    for (let turn = 0; turn < turns; turn += 1)
      for (const { skus, rates } of scenarios) rates.push(await decide(skus, orders))
    return scenarios.map(({ scenario, rates }) => ({
      scenario,
      orders,
      perSecond: rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0,
      turns: rates.map(Math.round),
    }))
  } finally {
    await db.destroy()
  }
}
