import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '@storewright/database'
import { sql } from 'kysely'
import { SERVICES } from '../config.ts'
import type { Snapshot } from './check.ts'
import { isBalanced, readFlows } from './event-checks.ts'

const LOOK_AGAIN_MS = 250

const count = async (db: Snapshot, what: string) => {
  const { rows } = await sql<{ n: number }>`select count(*) as n from ${sql.raw(what)}`.execute(db)
  return Number(rows[0]?.n ?? 0)
}

/** What is still on its way, in words; empty when nothing is. */
const findPending = async (schemas: Record<(typeof SERVICES)[number], Snapshot>): Promise<string[]> => {
  const pending: string[] = []
  const note = (number: number, what: string) => number > 0 && pending.push(`${number} ${what}`)
  for (const [service, db] of Object.entries(schemas))
    note(await count(db, 'outbox where parked_at is null'), `events in the outbox of ${service}`)
  note(await count(schemas.order, `orders where status in ('pending', 'reserved')`), 'orders not settled')
  note(await count(schemas.order, `payment_attempts where state = 'open'`), 'payments not resolved')
  for (const flow of await readFlows(schemas)) {
    const { emitted, applied, dead, dropped } = flow
    if (!isBalanced(flow))
      note(
        Math.abs(emitted - applied - dead - dropped),
        `of ${flow.type} between ${emitted} emitted and ${applied + dead + dropped} done by ${flow.group}`,
      )
  }
  return pending
}

/** Waits until nothing is on its way any more; returns what still was when the time was over. */
export const waitUntilSettled = async ({
  auditUrl,
  prefix,
  timeoutMs,
  onPending,
}: {
  auditUrl: string
  prefix: string
  timeoutMs: number
  onPending?: (pending: string[]) => void
}): Promise<string[]> => {
  const urlOf = (service: string) => {
    const url = new URL(auditUrl)
    url.pathname = `/${prefix}${service}`
    return url.href
  }
  const pools = SERVICES.map((service) => connect<unknown>(urlOf(service), { poolSize: 1 }))
  const schemas = Object.fromEntries(SERVICES.map((service, at) => [service, pools[at]])) as Record<
    (typeof SERVICES)[number],
    Snapshot
  >
  const deadline = Date.now() + timeoutMs
  try {
    for (;;) {
      const pending = await findPending(schemas)
      if (pending.length === 0 || Date.now() >= deadline) return pending
      onPending?.(pending)
      await pause(LOOK_AGAIN_MS)
    }
  } finally {
    await Promise.all(pools.map((pool) => pool.destroy()))
  }
}
