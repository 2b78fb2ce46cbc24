import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Answer, Schema } from '@storewright/client'
import { expectCleanAudit } from './support/audited.ts'
import { cartCases } from './support/bad-input/carts.ts'
import { catalogueCases } from './support/bad-input/catalogue.ts'
import { identityCases } from './support/bad-input/identity.ts'
import { orderCases } from './support/bad-input/orders.ts'
import { requestCases } from './support/bad-input/requests.ts'
import { stockCases } from './support/bad-input/stock.ts'
import { createFixtures, type Case, type Fixtures } from './support/bad-input/fixtures.ts'
import { customer, visit } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
let fixtures: Fixtures

beforeAll(async () => void (fixtures = await createFixtures(shop, underTest)))
afterAll(() => shop.close())

// Nothing of the inside may show: no stack, no SQL, no name of a service or a server.
const INSIDE = /\bat [\w.]+ \(|node:|select |insert |errno|ER_|mysql|mariadb|amqp|rabbit|ECONN|127\.0\.0\.1/i

const expectProblem = (answer: Answer, { status, field }: Pick<Case, 'status' | 'field'>) => {
  const body = JSON.stringify(answer.body)
  expect(answer.status, body).toBe(status)
  expect(answer.headers['content-type'], body).toContain('application/problem+json')
  const problem = answer.body as Schema<'Problem'>
  expect(problem).toMatchObject({ status, requestId: expect.any(String), instance: expect.any(String) })
  expect(problem.type).toMatch(/^urn:storewright:problem:[a-z-]+$/)
  expect(problem.title).toBeTruthy()
  expect(problem.detail).toBeTruthy()
  expect(body).not.toMatch(INSIDE)
  if (field !== undefined)
    expect((problem.errors ?? []).map(({ path }) => path).join(' '), body).toContain(field)
}

const table = (cases: Case[]) => () => {
  it.each(cases)('$what: $status', async (row) => expectProblem(await row.send(fixtures), row))
}

describe('refuses malformed requests', table(requestCases))
describe('refuses bad input about accounts and tokens', table(identityCases))
describe('refuses bad input about the catalogue', table(catalogueCases))
describe('refuses bad input about stock', table(stockCases))
describe('refuses bad input about carts', table(cartCases))
describe('refuses bad input about orders', table(orderCases))

describe('a session', () => {
  it('ends with its access token when a spent refresh token is used again', async () => {
    const ada = await customer(shop)
    // A retry of the last refresh is forgiven for a moment; once its successor was used, nothing is.
    const first = await shop.refresh(ada.tokens.refreshToken)
    const second = await shop.refresh(first.refreshToken)
    for (const { refreshToken } of [ada.tokens, second])
      expectProblem(await shop.http.call('POST', '/v1/auth/refresh', { body: { refreshToken } }), {
        status: 401,
      })
    expectProblem(await shop.http.call('GET', '/v1/me', { token: second.accessToken }), { status: 401 })
  })
})

it('leaves carts, orders, products and stock unchanged after all refused requests', async () => {
  expect(await shop.cart(fixtures.emptyCart.id)).toMatchObject({ items: [] })
  expect(await shop.cart(fixtures.guestsCart.id)).toMatchObject({
    items: [{ sku: fixtures.mug.sku, quantity: 1 }],
  })
  expect(await shop.product(fixtures.bowl.id)).toEqual(fixtures.stale)
  expect(await fixtures.keeper.stock(fixtures.bowl.sku)).toMatchObject({ onHand: 20, reserved: 0 })
  expect(await fixtures.keeper.stock(fixtures.mug.sku)).toMatchObject({ onHand: 20, reserved: 2 })
  expect(await fixtures.ada.read(fixtures.order.id)).toMatchObject({
    status: 'confirmed',
    version: fixtures.order.version,
  })
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
