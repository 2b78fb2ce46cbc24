import { createBatcher } from '../../batching.ts'
import type { Db } from '../../database.ts'
import type { Outcome, PaymentProvider, ProviderRequest } from '../provider.ts'
import { insertOperations, listOperations, type Operation } from './queries.ts'

/** The provider did the work, and its answer got lost on the way. */
class ProviderTimeout extends Error {
  override readonly name = 'ProviderTimeout'
}

const DECLINES: Record<string, string> = {
  tok_declined: 'card-declined',
  // The customer's bank wants to see them; nobody can show it in a sandbox, so it ends as a decline.
  tok_3ds: 'authentication-required',
}

/** What a token leads to; `null` declines nothing. */
const declineReasonOf = (token: string | null): string | null => {
  if (token === 'tok_ok' || token === 'tok_timeout') return null
  return DECLINES[token ?? ''] ?? 'unknown-token'
}

const outcomeOf = (key: string, row: { outcome: string; reason: string | null }): Outcome =>
  row.outcome === 'succeeded'
    ? { result: 'succeeded', reference: `sandbox-${key}` }
    : { result: 'declined', reason: row.reason ?? 'declined' }

/**
 * A stand-in for a real provider: it keeps its own books, in transactions of its own, so that a crash between
 * its work and our record of it is as real as with a provider elsewhere. Requests that come together are booked
 * together.
 */
export const createSandbox = (db: Db): PaymentProvider => {
  const book = createBatcher(async (operations: Operation[]): Promise<Outcome[]> => {
    const booked = await insertOperations(db, operations, new Date())
    const keys = operations.map((operation) => operation.idempotency_key)
    const rows = booked === keys.length ? [] : await listOperations(db, keys)
    const earlier = new Map(rows.map((row) => [row.key, row]))
    return operations.map(({ idempotency_key: key, outcome, reason }) =>
      outcomeOf(key, earlier.get(key) ?? { outcome, reason }),
    )
  })

  const operate = (
    kind: Operation['kind'],
    { key, amountMinor, currency }: ProviderRequest,
    authorization: string | null,
    reason: string | null,
  ) =>
    book({
      idempotency_key: key,
      kind,
      authorization,
      amount_minor: amountMinor,
      currency,
      outcome: reason === null ? 'succeeded' : 'declined',
      reason,
    })

  return {
    name: 'sandbox',
    needsToken: true,
    capturesInParts: true,
    authorize: async (request) => {
      const outcome = await operate('authorize', request, null, declineReasonOf(request.token))
      if (request.token === 'tok_timeout') throw new ProviderTimeout('no answer in time')
      return outcome
    },
    capture: (request) => operate('capture', request, request.authorization, null),
    void: (request) => operate('void', request, request.authorization, null),
    find: async (key) => {
      const [row] = await listOperations(db, [key])
      return row ? outcomeOf(key, row) : null
    },
  }
}
