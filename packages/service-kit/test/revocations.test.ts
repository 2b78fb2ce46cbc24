import { ApiKeyRevoked, RolesChanged, SessionRevoked, type EventContract } from '@storewright/contracts'
import { newId } from '@storewright/database'
import { anEvent, eventually } from '@storewright/testing'
import type { Static, TObject } from 'typebox'
import { expect, it } from 'vitest'
import type { Auth } from '../src/auth.ts'
import { createLogger } from '../src/run.ts'
import { createRevocations, type InForce, type Revocations } from '../src/auth/revocations.ts'

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

const nothing: InForce = { tokenTtlSeconds: 900, sessions: [], apiKeys: [], roles: [] }
const revocationsOf = (inForce: Partial<InForce> = {}) =>
  createRevocations({ read: async () => ({ ...nothing, ...inForce }), logger })

const say = async <Data extends TObject>(to: Revocations, Event: EventContract<Data>, data: Static<Data>) => {
  for (const { contract, handle } of to.subscriptions) {
    if (contract.type === Event.type) await handle(anEvent(Event, data))
  }
}

it('ends a session as soon as it is heard of, and only that one', async () => {
  const revocations = revocationsOf()
  const [ended, other] = [auth(), auth()]
  expect(revocations.current(ended)).toBe(ended)

  const { sessionId, userId } = ended
  await say(revocations, SessionRevoked, { sessionId, userId, reason: 'logout', revokedAt: now() })
  expect(revocations.current(ended)).toBeNull()
  expect(revocations.current(other)).toBe(other)
})

it('ends what a machine’s key opened', async () => {
  const revocations = revocationsOf()
  const id = newId()
  await say(revocations, ApiKeyRevoked, { apiKeyId: id, revokedAt: now() })
  expect(revocations.current(auth({ kind: 'api-key', userId: id, sessionId: id }))).toBeNull()
})

it('gives older tokens the roles of today, and leaves newer ones as they are', async () => {
  const revocations = revocationsOf()
  const older = auth()
  const change = { roles: ['support'], permissions: ['orders:read'] }
  await say(revocations, RolesChanged, { userId: older.userId, ...change, changedAt: now() })

  expect(revocations.current(older)).toMatchObject(change)
  const newer = auth({ userId: older.userId, issuedAt: Math.floor(Date.now() / 1_000) + 12 })
  expect(revocations.current(newer)).toBe(newer)
})

it('takes no token at its word that was being written while the change was made', async () => {
  const revocations = revocationsOf()
  const { userId } = auth()
  const change = { roles: ['customer'], permissions: [] }
  await say(revocations, RolesChanged, { userId, ...change, changedAt: now() })
  const late = auth({ userId, roles: ['admin'], issuedAt: Math.floor(Date.now() / 1_000) + 2 })
  expect(revocations.current(late)).toMatchObject(change)
})

it('keeps the newest of two changes, in whichever order they are heard', async () => {
  const revocations = revocationsOf()
  const person = auth()
  const said = (roles: string[], at: string) =>
    say(revocations, RolesChanged, { userId: person.userId, roles, permissions: [], changedAt: at })
  await said(['admin'], now())
  await said(['customer'], secondsAgo(5))
  expect(revocations.current(person)).toMatchObject({ roles: ['admin'] })
})

it('knows after a restart what ended before', async () => {
  const person = auth()
  const machine = auth({ kind: 'api-key' })
  const promoted = auth()
  const revocations = revocationsOf({
    sessions: [{ sessionId: person.sessionId, revokedAt: secondsAgo(30) }],
    apiKeys: [{ apiKeyId: machine.sessionId, revokedAt: secondsAgo(30) }],
    roles: [{ userId: promoted.userId, roles: ['admin'], permissions: ['a:b'], changedAt: secondsAgo(30) }],
  })
  await revocations.keepUp({ listening: true }).start?.()
  expect(revocations.current(person)).toBeNull()
  expect(revocations.current(machine)).toBeNull()
  expect(revocations.current(promoted)).toMatchObject({ permissions: ['a:b'] })
})

it('forgets what no living token can be about, so that it does not grow for ever', async () => {
  const old = auth()
  const revocations = revocationsOf({
    tokenTtlSeconds: 60,
    sessions: [{ sessionId: old.sessionId, revokedAt: secondsAgo(100) }],
  })
  await revocations.reread()
  expect(revocations.current(old)).toBe(old)
})

it('asks by itself while broadcasts are not heard', async () => {
  const late: InForce['sessions'] = []
  const revocations = createRevocations({ read: async () => ({ ...nothing, sessions: late }), logger })
  const step = revocations.keepUp({ listening: false })
  await step.start?.()
  const person = auth()
  late.push({ sessionId: person.sessionId, revokedAt: now() })
  await eventually(() => revocations.current(person) === null)
  await step.stop?.()
})
