import { SERVICES } from '../config.ts'
import type { Check } from './check.ts'
import { checkErasures } from './erasure-checks.ts'
import { checkFlows, checkOutbox } from './event-checks.ts'
import { checkPayments, checkSettled, checkTotals } from './order-checks.ts'
import { checkOrderHolds } from './order-holds.ts'
import { waitUntilSettled } from './wait-until-settled.ts'
import { withSnapshots } from './snapshot.ts'
import { checkStock } from './stock-checks.ts'

export type AuditOptions = {
  auditUrl: string
  prefix: string
  /** Wait until nothing is on its way, then take every mismatch for a breach. */
  settled?: boolean
  timeoutMs?: number
  /** How many messages a group's queues hold; where nobody can say, differences between services count as pending. */
  waiting?: (group: string) => Promise<number>
  onPending?: (pending: string[]) => void
}

export type Audit = {
  at: string
  settled: boolean
  /** What was still on its way when the wait for a still shop was over. */
  pending: string[]
  checks: Check[]
  breaches: number
}

/** Checks every invariant of the shop on one snapshot per schema, with rights to read only. */
export const audit = async (options: AuditOptions): Promise<Audit> => {
  const { auditUrl, prefix, settled = false, timeoutMs = 60_000, waiting, onPending } = options
  const pending = settled
    ? await waitUntilSettled({ auditUrl, prefix, timeoutMs, ...(onPending ? { onPending } : {}) })
    : []

  const checks = await withSnapshots({ auditUrl, prefix, services: SERVICES }, async (schemas) => {
    const { order, inventory } = schemas
    const looks = [
      ...checkStock(inventory),
      () => checkOrderHolds({ order, inventory }, settled),
      ...checkSettled(order, settled),
      ...checkPayments(order),
      ...checkTotals(order),
      ...SERVICES.map((service) => checkOutbox(service, schemas[service], settled)),
      () => checkFlows(schemas, { strict: settled, ...(waiting ? { waiting } : {}) }),
      ...checkErasures(schemas, settled),
    ]
    const found: Check[] = []
    for (const look of looks) found.push(await look())
    return found
  })
  return {
    at: new Date().toISOString(),
    settled,
    pending,
    checks,
    breaches: checks.reduce((sum, check) => sum + check.breaches, 0),
  }
}
