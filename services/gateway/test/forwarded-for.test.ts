import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { startGateway, type Gateway } from './harness.ts'

const LIMIT = { RATE_LIMIT_PER_MINUTE: '5' }
let open: Gateway
let behindOne: Gateway
let behindNetwork: Gateway
beforeAll(async () => {
  ;[open, behindOne, behindNetwork] = await Promise.all([
    startGateway(LIMIT),
    startGateway({ ...LIMIT, TRUSTED_PROXIES: '1' }),
    startGateway({ ...LIMIT, TRUSTED_PROXIES: '127.0.0.0/8, 10.0.0.0/8' }),
  ])
})
afterAll(() => Promise.all([open, behindOne, behindNetwork].map((gateway) => gateway.stop())))
beforeEach(() => {
  for (const { order } of [open, behindOne, behindNetwork]) order.seen.length = 0
})

const ask = async (gateway: Gateway, forwardedFor: string) => {
  const { status } = await gateway.get('/v1/orders', {
    'x-forwarded-for': forwardedFor,
    'x-forwarded-proto': 'https',
    'x-real-ip': '203.0.113.66',
    forwarded: 'for=203.0.113.66',
  })
  const headers = gateway.order.seen.at(-1)?.headers
  return { status, address: headers?.['x-forwarded-for'], proto: headers?.['x-forwarded-proto'], headers }
}

it('ignores X-Forwarded-For by default, for limits and for what services receive', async () => {
  for (let time = 1; time <= 5; time++) {
    const { status, address, proto, headers } = await ask(open, `203.0.113.${time}`)
    expect({ status, address, proto }).toEqual({ status: 200, address: '127.0.0.1', proto: 'http' })
    expect(JSON.stringify(headers)).not.toContain('203.0.113.')
  }
  expect((await ask(open, '203.0.113.99')).status).toBe(429)
  expect(open.log()).not.toContain('203.0.113.')
})

it('trusts X-Forwarded-For of configured proxies and counts by its address', async () => {
  for (let time = 0; time < 5; time++) {
    expect(await ask(behindOne, '203.0.113.7')).toMatchObject({
      status: 200,
      address: '203.0.113.7',
      proto: 'https',
    })
  }
  expect((await ask(behindOne, '203.0.113.7')).status).toBe(429)
  expect((await ask(behindOne, '203.0.113.8')).status).toBe(200)
})

it('reads X-Forwarded-For from its end and ignores what the client put before', async () => {
  expect(await ask(behindOne, '198.51.100.1, 203.0.113.20')).toMatchObject({ address: '203.0.113.20' })
  expect(await ask(behindNetwork, '198.51.100.1, 203.0.113.20, 10.1.2.3')).toMatchObject({
    address: '203.0.113.20',
  })
})

it.each(['nonsense', '', 'unknown', "1.2.3.4'; drop table", 'a'.repeat(4_000)])(
  'uses the address of the proxy in place of the forwarded address %.20j',
  async (forwardedFor) => {
    expect(await ask(behindOne, forwardedFor)).toMatchObject({ address: '127.0.0.1' })
  },
)

it('refuses to start with a trusted proxy that is neither an address nor a network', async () => {
  await expect(startGateway({ TRUSTED_PROXIES: 'my-proxy' })).rejects.toThrow(/my-proxy/)
})
