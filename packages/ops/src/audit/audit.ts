import { stockInvariants } from '@storewright/inventory/invariants'
import { outboxInvariant } from '@storewright/messaging/invariants'
import { erasedOrderInvariants, orderInvariants } from '@storewright/order/invariants'
import { accountInvariants } from '@storewright/user/invariants'
import { SERVICES } from '../config.ts'
import { checkRows, type Check } from './check.ts'
import { checkCopies } from './copies.ts'
import { checkErasedAccounts } from './erasures.ts'
import { checkFlows } from './event-flows.ts'
import { checkOrderHolds } from './order-holds.ts'
import { listSchemas, withSnapshots, type Schemas } from './snapshot.ts'
import { waitUntilSettled } from './wait-until-settled.ts'

export type AuditOptions = {
  auditUrl: string
  prefix: string
  /** Wait until nothing is pending, then count every mismatch as a breach. */
  settled?: boolean
  timeoutMs?: number
  /** How many messages a group's queues hold; without it differences between services count as pending. */
  waiting?: (group: string) => Promise<number>
  onPending?: (pending: string[]) => void
}

export type Audit = {
  at: string
  settled: boolean
  /** What was still on its way when the wait for a settled shop was over. */
  pending: string[]
  checks: Check[]
  breaches: number
}

const OUTBOX_SECONDS = 60

const checkAll = async (
  schemas: Schemas,
  settled: boolean,
  waiting: AuditOptions['waiting'],
): Promise<Check[]> => {
  const { user, inventory, order } = schemas
  const checks: Check[] = []
  for (const invariant of stockInvariants(inventory)) checks.push(await checkRows(inventory, invariant))
  checks.push(await checkOrderHolds({ order, inventory }, settled))
  for (const invariant of orderInvariants(order, { settled })) checks.push(await checkRows(order, invariant))
  for (const [service, db] of listSchemas(schemas))
    checks.push(await checkRows(db, outboxInvariant(db, { service, settled, withinSeconds: OUTBOX_SECONDS })))
  checks.push(await checkFlows(schemas, { settled, ...(waiting ? { waiting } : {}) }))
  checks.push(await checkErasedAccounts(schemas, settled))
  for (const invariant of accountInvariants(user, { settled })) checks.push(await checkRows(user, invariant))
  for (const invariant of erasedOrderInvariants(order)) checks.push(await checkRows(order, invariant))
  checks.push(...(await checkCopies(schemas, settled)))
  return checks
}

/** Checks every invariant of the shop on one snapshot per schema, with rights to read only. */
export const audit = async (options: AuditOptions): Promise<Audit> => {
  const { auditUrl, prefix, settled = false, timeoutMs = 60_000, waiting, onPending } = options
  const pending = settled
    ? await waitUntilSettled({ auditUrl, prefix, timeoutMs, ...(onPending ? { onPending } : {}) })
    : []
  const checks = await withSnapshots({ auditUrl, prefix, services: SERVICES }, (schemas) =>
    checkAll(schemas, settled, waiting),
  )
  return {
    at: new Date().toISOString(),
    settled,
    pending,
    checks,
    breaches: checks.reduce((sum, check) => sum + check.breaches, 0),
  }
}
