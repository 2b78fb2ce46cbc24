import { afterAll, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { linesOf, runScript } from './support/run-script.ts'
import { openShopkeeper, visit } from './support/shopper.ts'

const CLIENT = 'examples/checkout-client/checkout.mjs'

const underTest = inject('shop')
const shop = visit(underTest.gatewayUrl)
afterAll(() => shop.close())

it('the example client of 40 lines places a confirmed order', async () => {
  const keeper = await openShopkeeper(shop, underTest.admin)
  const mug = await keeper.listProduct({ stock: 1 })
  const { code, stdout, stderr } = await runScript(CLIENT, [mug.sku], { GATEWAY_URL: underTest.gatewayUrl })
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^SW-\d+ confirmed: order\.order-placed\.v1/)
  expect(code).toBe(0)
  expect(linesOf(CLIENT)).toBeLessThanOrEqual(40)
  expect(await keeper.stock(mug.sku)).toMatchObject({ available: 0 })
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
