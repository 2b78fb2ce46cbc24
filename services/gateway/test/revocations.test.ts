import { randomUUID } from 'node:crypto'
import { SessionRevoked } from '@storewright/contracts'
import { anEvent, eventually } from '@storewright/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startGateway, type Gateway } from './harness.ts'

let gateway: Gateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway.stop())

it('refuses the token of a session that has ended, and asks no service', async () => {
  const [sessionId, userId] = [randomUUID(), randomUUID()]
  const authorization = `Bearer ${await gateway.jwks.tokenFor({ sessionId, userId })}`
  expect((await gateway.get('/v1/products', { authorization })).status).toBe(200)

  const event = anEvent(SessionRevoked, {
    sessionId,
    userId,
    reason: 'logout',
    revokedAt: new Date().toISOString(),
  })
  await eventually(() => gateway.vhost.publish(event)) // false until the gateway listens
  await eventually(async () => {
    const before = gateway.catalog.seen.length
    const refused = await gateway.get('/v1/products', { authorization })
    expect(refused.status).toBe(401)
    expect(gateway.catalog.seen).toHaveLength(before)
    return true
  })
  const another = `Bearer ${await gateway.jwks.tokenFor({ userId })}`
  expect((await gateway.get('/v1/products', { authorization: another })).status).toBe(200)
})
