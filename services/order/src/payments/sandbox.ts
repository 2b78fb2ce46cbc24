import { createBatcher } from '@storewright/runtime/batching'
import type { Db } from '../database.ts'
import {
  createManualProvider,
  providersByName,
  type Outcome,
  type PaymentProvider,
  type ProviderRequest,
  type Providers,
} from './provider.ts'
import { insertSandboxOperations, listSandboxOperations, type SandboxOperation } from './queries.ts'

/** The provider did the work, and its answer got lost. */
class ProviderTimeout extends Error {
  override readonly name = 'ProviderTimeout'
}

const DECLINES: Record<string, string> = {
  tok_declined: 'card-declined',
  // A sandbox has no bank to authenticate with, so it ends as a decline.
  tok_3ds: 'authentication-required',
}

/** Why a token is declined; null when it is not. */
const declineReasonOf = (token: string | null): string | null => {
  if (token === 'tok_ok' || token === 'tok_timeout') return null
  return DECLINES[token ?? ''] ?? 'unknown-token'
}

const outcomeOf = (key: string, row: { outcome: string; reason: string | null }): Outcome =>
  row.outcome === 'succeeded'
    ? { result: 'succeeded', reference: `sandbox-${key}` }
    : { result: 'declined', reason: row.reason ?? 'declined' }

/** A provider for development, with transactions of its own: a crash before our record is as real as elsewhere. */
export const createSandbox = (db: Db): PaymentProvider => {
  const store = createBatcher(async (operations: SandboxOperation[]): Promise<Outcome[]> => {
    const inserted = await insertSandboxOperations(db, operations, new Date())
    const keys = operations.map((operation) => operation.idempotency_key)
    const rows = inserted === keys.length ? [] : await listSandboxOperations(db, keys)
    const earlier = new Map(rows.map((row) => [row.key, row]))
    return operations.map(({ idempotency_key: key, outcome, reason }) =>
      outcomeOf(key, earlier.get(key) ?? { outcome, reason }),
    )
  })

  const operate = (
    kind: SandboxOperation['kind'],
    { key, amountMinor, currency }: ProviderRequest,
    authorization: string | null,
    reason: string | null,
  ) =>
    store({
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
      const [row] = await listSandboxOperations(db, [key])
      return row ? outcomeOf(key, row) : null
    },
  }
}

/** All providers of the shop. */
export const createProviders = (db: Db): Providers =>
  providersByName([createSandbox(db), createManualProvider()])
