import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Answer, ProblemBody } from '@storewright/ops'
import { expectCleanAudit } from './support/audited.ts'
import { cartCases } from './support/bad-input/carts.ts'
import { catalogueCases } from './support/bad-input/catalogue.ts'
import { identityCases } from './support/bad-input/identity.ts'
import { orderCases } from './support/bad-input/orders.ts'
import { requestCases } from './support/bad-input/requests.ts'
import { stockCases } from './support/bad-input/stock.ts'
import { buildWorld, type Case, type World } from './support/bad-input/world.ts'
import { customer, visit } from './support/shopper.ts'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
let world: World

beforeAll(async () => void (world = await buildWorld(shop, underTest)))
afterAll(() => shop.close())

// Nothing of the inside may show: no stack, no SQL, no name of a service or a server.
const INSIDE = /\bat [\w.]+ \(|node:|select |insert |errno|ER_|mysql|mariadb|amqp|rabbit|ECONN|127\.0\.0\.1/i

const expectProblem = (answer: Answer, { status, field }: Pick<Case, 'status' | 'field'>) => {
  const told = JSON.stringify(answer.body)
  expect(answer.status, told).toBe(status)
  expect(answer.headers['content-type'], told).toContain('application/problem+json')
  const problem = answer.body as ProblemBody
  expect(problem).toMatchObject({ status, requestId: expect.any(String), instance: expect.any(String) })
  expect(problem.type).toMatch(/^urn:storewright:problem:[a-z-]+$/)
  expect(problem.title).toBeTruthy()
  expect(problem.detail).toBeTruthy()
  expect(told).not.toMatch(INSIDE)
  if (field !== undefined)
    expect((problem.errors ?? []).map(({ path }) => path).join(' '), told).toContain(field)
}

const table = (cases: Case[]) => () => {
  it.each(cases)('$what: $status', async (row) => expectProblem(await row.send(world), row))
}

describe('a request that is wrong in itself', table(requestCases))
describe('accounts and tokens', table(identityCases))
describe('the catalogue', table(catalogueCases))
describe('stock', table(stockCases))
describe('carts', table(cartCases))
describe('orders', table(orderCases))

describe('a session', () => {
  it('ends when a spent refresh token is used again, and its access token with it', async () => {
    const ada = await customer(shop)
    // A retry of the last refresh is forgiven for a moment; once its successor was used, nothing is.
    const first = await shop.refresh(ada.tokens.refreshToken)
    const second = await shop.refresh(first.refreshToken)
    for (const { refreshToken } of [ada.tokens, second])
      expectProblem(await shop.http.send('POST', '/v1/auth/refresh', { body: { refreshToken } }), {
        status: 401,
      })
    expectProblem(await shop.http.send('GET', '/v1/me', { token: second.accessToken }), { status: 401 })
  })
})

it('left nothing half done: what was there is as it was', async () => {
  expect(await shop.cart(world.emptyCart.id)).toMatchObject({ items: [] })
  expect(await shop.cart(world.guestsCart.id)).toMatchObject({ items: [{ sku: world.mug.sku, quantity: 1 }] })
  expect(await shop.product(world.bowl.id)).toEqual(world.stale)
  expect(await world.keeper.stock(world.bowl.sku)).toMatchObject({ onHand: 20, reserved: 0 })
  expect(await world.keeper.stock(world.mug.sku)).toMatchObject({ onHand: 20, reserved: 2 })
  expect(await world.ada.read(world.order.id)).toMatchObject({
    status: 'confirmed',
    version: world.order.version,
  })
})

it('leaves every invariant whole', () => expectCleanAudit(underTest))
