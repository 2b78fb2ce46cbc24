import { setTimeout as pause } from 'node:timers/promises'
import { countUnpublished } from '@storewright/messaging/invariants'
import { countPending } from '@storewright/order/invariants'
import { isBalanced, readFlows } from './event-flows.ts'
import { listSchemas, withSchemas, type Schemas } from './snapshot.ts'

const POLL_MS = 250

/** What is still on its way, in words; empty when nothing is. */
const findPending = async (schemas: Schemas): Promise<string[]> => {
  const pending: string[] = []
  const note = (number: number, what: string) => number > 0 && pending.push(`${number} ${what}`)
  for (const [service, db] of listSchemas(schemas))
    note(await countUnpublished(db), `events in the outbox of ${service}`)
  const { orders, payments } = await countPending(schemas.order)
  note(Number(orders), 'orders not settled')
  note(Number(payments), 'payments not resolved')
  for (const flow of await readFlows(schemas)) {
    const { type, group, emitted, applied, dead, dropped } = flow
    const handled = applied + dead + dropped
    if (!isBalanced(flow))
      note(
        Math.abs(emitted - handled),
        `of ${type} between ${emitted} emitted and ${handled} handled by ${group}`,
      )
  }
  return pending
}

/** Waits until nothing is on its way; returns what still was when the time was up. */
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
}): Promise<string[]> =>
  withSchemas({ auditUrl, prefix }, async (schemas) => {
    const deadline = Date.now() + timeoutMs
    for (;;) {
      const pending = await findPending(schemas)
      if (pending.length === 0 || Date.now() >= deadline) return pending
      onPending?.(pending)
      await pause(POLL_MS)
    }
  })
