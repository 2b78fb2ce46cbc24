import type { Generated } from 'kysely'

export interface PaymentTables {
  payment_attempts: {
    id: string
    order_id: string
    kind: 'authorize' | 'capture' | 'void' | 'cancel'
    uniqueness_key: string | null
    authorization_id: string | null
    authorization_reference: string | null
    shipment_id: string | null
    provider: string
    token: string | null
    amount_minor: number
    currency: string
    state: Generated<'open' | 'waiting' | 'succeeded' | 'declined' | 'voided' | 'replaced' | 'failed'>
    reference: string | null
    reason: string | null
    tries: Generated<number>
    due_at: Date | null
    /** Since when staff should look at it: refused, or tried often without an answer. */
    stuck_at: Date | null
    correlation_id: string
    causation_id: string | null
    traceparent: string | null
    created_at: Date
    resolved_at: Date | null
  }
  payment_notices: {
    provider: string
    event_id: string
    type: string
    attempt_id: string | null
    received_at: Date
  }
  payment_receipts: {
    id: string
    order_id: string
    amount_minor: number
    currency: string
    reference: string | null
    received_at: Date
    recorded_at: Date
    recorded_by: string
  }
  sandbox_operations: {
    idempotency_key: string
    kind: 'authorize' | 'capture' | 'void'
    authorization: string | null
    amount_minor: number
    currency: string
    outcome: 'succeeded' | 'declined' | 'waiting'
    reason: string | null
    created_at: Date
  }
}
