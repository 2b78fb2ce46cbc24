import { createBatcher } from '@storewright/runtime/batching'
import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Db } from '../database.ts'
import type { Outcome, PaymentProvider, ProviderRequest } from './provider.ts'
import {
  insertSandboxOperations,
  listSandboxOperations,
  moveSandboxOperation,
  type SandboxOperation,
} from './sandbox-queries.ts'

/** The provider did the work, and its answer got lost. */
class ProviderTimeout extends Error {
  override readonly name = 'ProviderTimeout'
}

type Answer = Pick<SandboxOperation, 'outcome' | 'reason'>

const ANSWERS: ReadonlyMap<string, Answer> = new Map([
  ['tok_ok', { outcome: 'succeeded', reason: null }],
  ['tok_timeout', { outcome: 'succeeded', reason: null }],
  ['tok_3ds', { outcome: 'waiting', reason: null }],
  ['tok_declined', { outcome: 'declined', reason: 'card-declined' }],
])
const UNKNOWN: Answer = { outcome: 'declined', reason: 'unknown-token' }

export interface SandboxSettings {
  /** Where customers reach the gateway. */
  publicUrl: string
  /** Makes the addresses of the approval pages unguessable. */
  secret: string
}

const REFERENCE = 'sandbox-'

const proofOf = (key: string, secret: string) =>
  createHmac('sha256', secret).update(`sandbox-approval:${key}`).digest('base64url')

/** The operation that an approval page's address names, if it was made here. */
export const keyOfApproval = (id: string, secret: string): string | null => {
  const [key = '', proof = ''] = id.split('.')
  const given = Buffer.from(proof)
  const expected = Buffer.from(proofOf(key, secret))
  return given.length === expected.length && timingSafeEqual(given, expected) ? key : null
}

/** A provider for development, with transactions of its own: a crash before our record is as real as elsewhere. */
export const createSandbox = (db: Db, { publicUrl, secret }: SandboxSettings): PaymentProvider => {
  const outcomeOf = (key: string, { outcome, reason }: Answer): Outcome => {
    const reference = `${REFERENCE}${key}`
    if (outcome === 'succeeded') return { result: 'succeeded', reference }
    if (outcome === 'declined') return { result: 'declined', reason: reason ?? 'declined' }
    const url = `${publicUrl.replace(/\/$/, '')}/v1/payments/sandbox/${key}.${proofOf(key, secret)}`
    return { result: 'waiting', reference, nextAction: { type: 'redirect', url } }
  }

  const store = createBatcher(async (operations: SandboxOperation[]): Promise<Outcome[]> => {
    const inserted = await insertSandboxOperations(db, operations, new Date())
    const keys = operations.map((operation) => operation.idempotency_key)
    const rows = inserted === keys.length ? [] : await listSandboxOperations(db, keys)
    const earlier = new Map(rows.map((row) => [row.key, row]))
    return operations.map((operation) => {
      const key = operation.idempotency_key
      return outcomeOf(key, earlier.get(key) ?? operation)
    })
  })

  const operate = (
    kind: SandboxOperation['kind'],
    { key, amountMinor, currency }: ProviderRequest,
    authorization: string | null,
    answer: Answer,
  ) =>
    store({
      idempotency_key: key,
      kind,
      authorization,
      amount_minor: amountMinor,
      currency,
      ...answer,
    })
  const done: Answer = { outcome: 'succeeded', reason: null }

  return {
    name: 'sandbox',
    needsToken: true,
    capturesInParts: true,
    authorize: async (request) => {
      const outcome = await operate('authorize', request, null, ANSWERS.get(request.token ?? '') ?? UNKNOWN)
      if (request.token === 'tok_timeout') throw new ProviderTimeout('no answer in time')
      return outcome
    },
    capture: (request) => operate('capture', request, request.authorization, done),
    void: async (request) => {
      // What its customer has not approved yet cannot be approved any more.
      await moveSandboxOperation(db, request.authorization.slice(REFERENCE.length), {
        outcome: 'declined',
        reason: 'withdrawn',
      })
      return operate('void', request, request.authorization, done)
    },
    find: async ({ key }) => {
      const [row] = await listSandboxOperations(db, [key])
      return row ? outcomeOf(key, row) : null
    },
  }
}
