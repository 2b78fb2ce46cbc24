import { ApiKeyRevoked, RolesChanged, SessionRevoked, type EventContract } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent, eventually } from '@storewright/testing'
import type { Static, TObject } from 'typebox'
import { expect, it } from 'vitest'
import type { Auth } from '../src/auth.ts'
import { createLogger } from '../src/run.ts'
import { createRevocations, type RevocationSnapshot, type Revocations } from '../src/auth/revocations.ts'

const logger = createLogger({ name: 'test', level: 'silent' })
const now = () => new Date().toISOString()
const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1_000).toISOString()

const auth = (more: Partial<Auth> = {}): Auth => ({
  kind: 'user',
  userId: newId(),
  sessionId: newId(),
  roles: ['customer'],
  permissions: [],
  issuedAt: Math.floor(Date.now() / 1_000) - 60,
  ...more,
})

const nothing: RevocationSnapshot = { tokenTtlSeconds: 900, sessions: [], apiKeys: [], roles: [] }
const revocationsOf = (snapshot: Partial<RevocationSnapshot> = {}) =>
  createRevocations({ read: async () => ({ ...nothing, ...snapshot }), logger })

const deliverTo = async <Data extends TObject>(
  to: Revocations,
  Event: EventContract<Data>,
  data: Static<Data>,
) => {
  for (const { contract, handle } of to.subscriptions) {
    if (contract.type === Event.type) await handle(anEvent(Event, data))
  }
}

it('refuses a session as soon as SessionRevoked arrives, and no other', async () => {
  const revocations = revocationsOf()
  const [ended, other] = [auth(), auth()]
  expect(revocations.current(ended)).toBe(ended)

  const { sessionId, userId } = ended
  await deliverTo(revocations, SessionRevoked, { sessionId, userId, reason: 'logout', revokedAt: now() })
  expect(revocations.current(ended)).toBeNull()
  expect(revocations.current(other)).toBe(other)
})

it('refuses the tokens of an API key as soon as ApiKeyRevoked arrives', async () => {
  const revocations = revocationsOf()
  const id = newId()
  await deliverTo(revocations, ApiKeyRevoked, { apiKeyId: id, revokedAt: now() })
  expect(revocations.current(auth({ kind: 'api-key', userId: id, sessionId: id }))).toBeNull()
})

it('replaces the roles of tokens issued before a RolesChanged and leaves newer tokens as they are', async () => {
  const revocations = revocationsOf()
  const older = auth()
  const change = { roles: ['support'], permissions: ['orders:read'] }
  await deliverTo(revocations, RolesChanged, { userId: older.userId, ...change, changedAt: now() })

  expect(revocations.current(older)).toMatchObject(change)
  const newer = auth({ userId: older.userId, issuedAt: Math.floor(Date.now() / 1_000) + 12 })
  expect(revocations.current(newer)).toBe(newer)
})

it('replaces the roles of a token that was issued while the roles were changed', async () => {
  const revocations = revocationsOf()
  const { userId } = auth()
  const change = { roles: ['customer'], permissions: [] }
  await deliverTo(revocations, RolesChanged, { userId, ...change, changedAt: now() })
  const late = auth({ userId, roles: ['admin'], issuedAt: Math.floor(Date.now() / 1_000) + 2 })
  expect(revocations.current(late)).toMatchObject(change)
})

it('keeps the newest of two role changes, in whichever order they arrive', async () => {
  const revocations = revocationsOf()
  const person = auth()
  const changed = (roles: string[], at: string) =>
    deliverTo(revocations, RolesChanged, { userId: person.userId, roles, permissions: [], changedAt: at })
  await changed(['admin'], now())
  await changed(['customer'], secondsAgo(5))
  expect(revocations.current(person)).toMatchObject({ roles: ['admin'] })
})

it('refuses after a restart what ended before it', async () => {
  const person = auth()
  const machine = auth({ kind: 'api-key' })
  const promoted = auth()
  const revocations = revocationsOf({
    sessions: [{ sessionId: person.sessionId, revokedAt: secondsAgo(30) }],
    apiKeys: [{ apiKeyId: machine.sessionId, revokedAt: secondsAgo(30) }],
    roles: [{ userId: promoted.userId, roles: ['admin'], permissions: ['a:b'], changedAt: secondsAgo(30) }],
  })
  const sync = revocations.createSync({ listening: true })
  await sync.start?.()
  expect(revocations.current(person)).toBeNull()
  expect(revocations.current(machine)).toBeNull()
  expect(revocations.current(promoted)).toMatchObject({ permissions: ['a:b'] })
  await sync.stop?.()
})

it('forgets revocations older than any token, so that memory does not grow', async () => {
  const old = auth()
  const revocations = revocationsOf({
    tokenTtlSeconds: 60,
    sessions: [{ sessionId: old.sessionId, revokedAt: secondsAgo(100) }],
  })
  await revocations.refresh()
  expect(revocations.current(old)).toBe(old)
})

it('reads the snapshot by itself while broadcasts are not received', async () => {
  const late: RevocationSnapshot['sessions'] = []
  const revocations = createRevocations({ read: async () => ({ ...nothing, sessions: late }), logger })
  const sync = revocations.createSync({ listening: false })
  await sync.start?.()
  const person = auth()
  late.push({ sessionId: person.sessionId, revokedAt: now() })
  await eventually(() => revocations.current(person) === null)
  await sync.stop?.()
})
