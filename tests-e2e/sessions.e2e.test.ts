import { randomUUID } from 'node:crypto'
import { openHttp } from '@storewright/client'
import { afterAll, describe, expect, inject, it } from 'vitest'

const http = openHttp({ gateways: [inject('shop').gatewayUrl], retryForMs: 10_000 })
afterAll(() => http.close())

const PASSWORD = 'a mug of tea at five'

const credentialsOf = () => ({ email: `ada-${randomUUID()}@example.com`, password: PASSWORD })
const refresh = (refreshToken: string) => http.call('POST', '/v1/auth/refresh', { body: { refreshToken } })
const sessions = async (token: string) => (await http.call('GET', '/v1/me/sessions', { token })).body.items

describe('a customer', () => {
  it('lists the own sessions with their addresses and ends another one', async () => {
    const body = credentialsOf()
    const here = await http.call('POST', '/v1/auth/register', {
      body,
      headers: { 'user-agent': 'Firefox/150' },
    })
    // An address that a client itself writes must not count.
    const headers = { 'user-agent': 'curl/9', 'x-forwarded-for': '203.0.113.66' }
    const there = await http.call('POST', '/v1/auth/login', { body, headers })
    const { accessToken } = here.body.tokens
    const open = await sessions(accessToken)
    expect(open).toMatchObject([
      { device: 'curl/9', current: false },
      { device: 'Firefox/150', current: true },
    ])
    expect(open[0]!.address).toBe(open[1]!.address)
    expect(open[0]!.address).toMatch(/^(127\.|::1$|10\.|172\.|192\.168\.)/)

    const path = { id: open[0]!.id }
    const end = () => http.call('DELETE', '/v1/me/sessions/{id}', { token: accessToken, path })
    expect((await end()).status).toBe(204)
    expect((await end()).status).toBe(404)
    const { accessToken: ended, refreshToken } = there.body.tokens
    expect((await refresh(refreshToken)).status).toBe(401)
    await expect
      .poll(async () => (await http.call('GET', '/v1/orders', { token: ended })).status, { timeout: 1_000 })
      .toBe(401)
    expect((await http.call('GET', '/v1/orders', { token: accessToken })).status).toBe(200)
  })

  it('stays logged in when two tabs retry a refresh whose answer was lost', async () => {
    const { body } = await http.call('POST', '/v1/auth/register', { body: credentialsOf() })
    const answers = await Promise.all([refresh(body.tokens.refreshToken), refresh(body.tokens.refreshToken)])
    expect(answers.map(({ status }) => status)).toEqual([200, 200])
    const [one, other] = answers.map((answer) => answer.body.tokens.refreshToken)
    expect(one).toBe(other)
    expect((await refresh(one!)).status).toBe(200)
    expect((await refresh(body.tokens.refreshToken)).status).toBe(401)
  })
})
