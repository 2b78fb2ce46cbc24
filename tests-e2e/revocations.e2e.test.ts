import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { ResponseBody } from '@storewright/client'
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

const send = async <Body = unknown>(
  path: string,
  init: { token?: string; body?: unknown; method?: string } = {},
) => {
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

const register = async () => {
  const body = { email: `ada-${randomUUID()}@example.com`, password: 'a long enough secret' }
  for (const deadline = Date.now() + 15_000; ; await pause(200)) {
    const { status, body: signedIn } = await send<ResponseBody<'POST', '/v1/auth/register'>>(
      '/v1/auth/register',
      { body },
    )
    if (status === 201) return { ...signedIn, token: signedIn.tokens.accessToken }
    // So many processes that start on a small machine turn the first ones away.
    if (status !== 503 || Date.now() > deadline) throw new Error(`registering answered ${status}`)
  }
}

/** What a door answers; a busy machine's 503 is no answer, so it is asked again. */
const statusAt = async (url: string, token: string) => {
  for (const deadline = Date.now() + 10_000; ; await pause(50)) {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    await response.arrayBuffer()
    if (response.status !== 503 || Date.now() > deadline) return response.status
  }
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

describe('a revoked session', () => {
  it('is refused within a second by every replica of the gateway and of each service', async () => {
    const [ada, ben] = [await register(), await register()]
    await expect.poll(() => statuses(ada.token), { timeout: 15_000 }).toEqual(everywhere(200))

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
})

describe('a rotated signing key', () => {
  it('is accepted by every replica, like the old one, without a new log-in', async () => {
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

const admin = async () => {
  const { body } = await send<ResponseBody<'POST', '/v1/auth/login'>>('/v1/auth/login', {
    body: own.stack.admin,
  })
  return body.tokens.accessToken
}

describe('a changed role', () => {
  it('takes effect within a second at every replica, also for issued tokens', async () => {
    const [ada, staff] = [await register(), await admin()]
    const doorsOfStaff = () =>
      own.stack.processes
        .filter(({ name }) => /^(gateway|user)/.test(name))
        .map(({ url }) => `${url}/v1/users`)
    const all = () => Promise.all(doorsOfStaff().map((url) => statusAt(url, ada.token)))
    const setRoles = async (roles: string[]) => {
      const path = `/v1/users/${ada.user.id}`
      const { status } = await send(path, { method: 'PATCH', token: staff, body: { roles } })
      expect(status).toBe(200)
    }
    expect(new Set(await all())).toEqual(new Set([403]))

    await setRoles(['customer', 'support'])
    await expect
      .poll(async () => new Set(await all()), { timeout: 1_000, interval: 20 })
      .toEqual(new Set([200]))
    await setRoles(['customer'])
    await expect
      .poll(async () => new Set(await all()), { timeout: 1_000, interval: 20 })
      .toEqual(new Set([403]))
  })
})

describe('a revoked API key', () => {
  it('is refused within a second by every gateway, even if used a moment before', async () => {
    const staff = await admin()
    const made = await send<ResponseBody<'POST', '/v1/api-keys'>>('/v1/api-keys', {
      token: staff,
      body: { name: 'till', permissions: ['stock:read'] },
    })
    const gateways = own.stack.processes.filter(({ name }) => name.startsWith('gateway'))
    const ask = () =>
      Promise.all(
        gateways.map(async ({ url }) => {
          const response = await fetch(`${url}/v1/reservations`, {
            headers: { 'x-api-key': made.body.key ?? '' },
          })
          await response.arrayBuffer()
          return response.status
        }),
      )
    expect(await ask()).toEqual([200, 200, 200])

    const path = `/v1/api-keys/${made.body.apiKey.id}`
    expect((await send(path, { method: 'DELETE', token: staff })).status).toBe(204)
    await expect.poll(ask, { timeout: 1_000, interval: 20 }).toEqual([401, 401, 401])
  })
})

// Last: a broker that has just started takes its time with everything.
describe('without a broker', () => {
  it('a revoked session is refused, and stays refused after the broker is back', async () => {
    const [ada, ben] = [await register(), await register()]
    await own.servers.rabbitmq.stop()
    expect((await send('/v1/auth/logout', { token: ada.token, method: 'POST' })).status).toBe(204)
    // Without broadcasts the replicas ask.
    await refusedAfter(ada.token, performance.now(), 10_000)

    await own.servers.rabbitmq.start()
    expect(await statuses(ada.token)).toEqual(everywhere(401))
    await send('/v1/auth/logout', { token: ben.token, method: 'POST' })
    await refusedAfter(ben.token, performance.now(), 30_000)
  })
})
