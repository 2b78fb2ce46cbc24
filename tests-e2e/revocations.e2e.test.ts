import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startOwnStack, type OwnStack } from './support/own-stack.ts'

// A shop of its own: three gateways, two of each service that a customer talks to, and a broker that may stop.
let own: OwnStack
beforeAll(async () => {
  own = await startOwnStack('test/e2e-revocations', {
    own: true,
    replicas: { gateway: 3, user: 2, order: 2 },
  })
}, 180_000)
afterAll(() => own?.stop())

/** One way in that needs a good token, at every replica of the gateway and, past it, of each service. */
const doors = () => {
  const pathOf: Record<string, string> = {
    gateway: '/v1/orders',
    user: '/v1/me',
    order: '/v1/orders',
    catalog: '/v1/categories',
    inventory: '/v1/stock?skus=MUG-1',
  }
  return own.stack.processes.flatMap(({ name, url }) => {
    const path = pathOf[name.replace(/-\d+$/, '')]
    return path === undefined ? [] : [{ name, url: url + path }]
  })
}

const send = async <Body>(path: string, init: { token?: string; body?: unknown; method?: string } = {}) => {
  const response = await fetch(own.stack.gatewayUrl + path, {
    method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
      ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Body }
}

type SignedIn = { user: { id: string }; tokens: { accessToken: string } }
const register = async () => {
  const body = { email: `ada-${randomUUID()}@example.com`, password: 'a long enough secret' }
  const { body: signedIn } = await send<SignedIn>('/v1/auth/register', { body })
  return { ...signedIn, token: signedIn.tokens.accessToken }
}

const statusAt = async (url: string, token: string) => {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  await response.arrayBuffer()
  return response.status
}

const statuses = async (token: string) =>
  Object.fromEntries(
    await Promise.all(doors().map(async ({ name, url }) => [name, await statusAt(url, token)] as const)),
  )
const everywhere = (status: number) => Object.fromEntries(doors().map(({ name }) => [name, status]))

/** Milliseconds until each door answered 401, all watched side by side. */
const refusedAfter = (token: string, since: number, withinMs: number) =>
  Promise.all(
    doors().map(async ({ name, url }) => {
      while ((await statusAt(url, token)) !== 401) {
        if (performance.now() - since > withinMs) throw new Error(`${name} still lets the token in`)
        await pause(10)
      }
      return performance.now() - since
    }),
  )

describe('a session that was ended', () => {
  it('is refused within a second by every replica of the gateway and of each service', async () => {
    const [ada, ben] = [await register(), await register()]
    expect(await statuses(ada.token)).toEqual(everywhere(200))

    expect((await send('/v1/auth/logout', { token: ada.token, method: 'POST' })).status).toBe(204)
    const waits = await refusedAfter(ada.token, performance.now(), 5_000)
    expect(Math.max(...waits)).toBeLessThan(1_000)
    expect(await statuses(ben.token)).toEqual(everywhere(200))
  })

  it('stays refused by replicas that were killed and started again', async () => {
    const ada = await register()
    await send('/v1/auth/logout', { token: ada.token, method: 'POST' })
    await refusedAfter(ada.token, performance.now(), 5_000)

    const killed = ['gateway-2', 'order', 'user-2', 'catalog']
    await Promise.all(killed.map((name) => own.stack.kill(name)))
    for (const name of killed) {
      const replica = own.stack.processes.find((process) => process.name === name)
      await expect.poll(() => replica?.isReady() ?? false, { timeout: 30_000 }).toBe(true)
    }
    // From the very first answer on: a restart opens no door that was closed.
    expect(await statuses(ada.token)).toEqual(everywhere(401))
  })

  it('is refused while the broker is away, and after it came back', async () => {
    const [ada, ben] = [await register(), await register()]
    await own.servers.rabbitmq.stop()
    expect((await send('/v1/auth/logout', { token: ada.token, method: 'POST' })).status).toBe(204)
    // Nobody can be told, so they ask.
    await refusedAfter(ada.token, performance.now(), 10_000)

    await own.servers.rabbitmq.start()
    expect(await statuses(ada.token)).toEqual(everywhere(401))
    await send('/v1/auth/logout', { token: ben.token, method: 'POST' })
    await refusedAfter(ben.token, performance.now(), 30_000)
  })
})

describe('a rotated signing key', () => {
  it('is taken at every door, and so is the old one; nobody has to log in again', async () => {
    const ada = await register()
    const user = own.stack.processes.find(({ name }) => name === 'user')
    const rotated = await fetch(`${user?.url}/internal/signing-keys/rotate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-internal-token': own.stack.internalToken },
      body: '{"now":true}',
    })
    const { kid } = (await rotated.json()) as { kid: string }
    const kidOf = (token: string) =>
      (JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid

    let newest = await register()
    for (const deadline = Date.now() + 20_000; kidOf(newest.token) !== kid; newest = await register()) {
      expect(await statuses(newest.token)).toEqual(everywhere(200))
      if (Date.now() > deadline) throw new Error('the new key does not sign')
      await pause(200)
    }
    expect(await statuses(newest.token)).toEqual(everywhere(200))
    expect(await statuses(ada.token)).toEqual(everywhere(200))
  })
})
