import { randomUUID } from 'node:crypto'
import { SessionRevoked } from '@storewright/contracts'
import { anEvent, eventually } from '@storewright/testing'
import { expect, it } from 'vitest'
import { setUpGateway } from './harness.ts'

const gateway = setUpGateway()

const revoke = (sessionId: string, userId: string) => {
  const revokedAt = new Date().toISOString()
  const event = anEvent(SessionRevoked, { sessionId, userId, reason: 'logout', revokedAt })
  return eventually(() => gateway.vhost.publish(event)) // false until the gateway receives broadcasts
}

it('refuses the token of an ended session without a request to any service', async () => {
  const [sessionId, userId] = [randomUUID(), randomUUID()]
  const authorization = `Bearer ${await gateway.jwks.tokenFor({ sessionId, userId })}`
  expect((await gateway.get('/v1/products', { authorization })).status).toBe(200)

  await revoke(sessionId, userId)
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

it('finishes a response that streams when its session ends, and refuses the next request', async () => {
  const [sessionId, userId] = [randomUUID(), randomUUID()]
  const authorization = `Bearer ${await gateway.jwks.tokenFor({ sessionId, userId })}`
  let finish = () => undefined as void
  gateway.catalog.handler = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/csv' }).write('sku\n')
    finish = () => void response.end('MUG\n')
  }
  const streaming = await gateway.get('/v1/products/export', { authorization })
  await revoke(sessionId, userId)
  await eventually(async () => (await gateway.get('/v1/me', { authorization })).status === 401)
  finish()
  expect(await streaming.text()).toBe('sku\nMUG\n')
})
