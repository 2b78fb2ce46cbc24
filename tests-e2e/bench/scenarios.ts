import { randomUUID } from 'node:crypto'
import { expectOk, type Shop } from '@storewright/client'
import autocannon from 'autocannon'
import { ADDRESS } from '../support/shopper.ts'
import { drive, type Result } from './drive.ts'
import type { BenchShop } from './shop.ts'

export type Setting = { shop: Shop; goods: BenchShop; gatewayUrl: string; workers: number; seconds: number }

export type ReadSetting = Pick<Setting, 'gatewayUrl' | 'workers' | 'seconds'>

/** Requests that only read; the load comes from autocannon. */
export const read = async (
  scenario: string,
  paths: string[],
  { gatewayUrl, workers, seconds }: ReadSetting,
): Promise<Result> => {
  const result = await autocannon({
    url: gatewayUrl,
    connections: workers,
    duration: seconds,
    requests: paths.map((path) => ({ method: 'GET', path })),
  })
  const count = result['2xx']
  if (count === 0) throw new Error(`${scenario}: nothing succeeded`)
  return {
    scenario,
    unit: 'requests',
    perSecond: count / result.duration,
    count,
    errors: result.non2xx + result.errors,
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  }
}

export const productList = (setting: Setting) =>
  read('product list of 20', ['/v1/products?limit=20'], setting)

export const productPage = (setting: Setting) =>
  read(
    'product page',
    setting.goods.productIds.slice(0, 50).map((id) => `/v1/products/${id}`),
    setting,
  )

const pick = (skus: string[], at: number) => skus[at % skus.length] ?? ''

/** One quantity set in a cart that has a line already. */
export const cartChange = async (setting: Setting) => {
  const { shop, goods, workers, seconds } = setting
  const carts = await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const cart = await shop.createCart()
      expectOk('fill cart', await shop.fillCart(cart.id, [{ sku: pick(goods.skus, worker), quantity: 1 }]))
      return { id: cart.id, sku: pick(goods.skus, worker), changes: 0 }
    }),
  )
  return drive({ scenario: 'cart change', unit: 'requests', workers, seconds }, async (worker) => {
    const cart = carts[worker]
    if (!cart) throw new Error('a cart per worker')
    cart.changes += 1
    const body = { quantity: 1 + (cart.changes % 5) }
    const path = { id: cart.id, sku: cart.sku }
    expectOk('change cart', await shop.http.call('PUT', '/v1/carts/{id}/items/{sku}', { path, body }))
  })
}

const checkout = async (shop: Shop, sku: string) => {
  const cart = await shop.createCart()
  expectOk('fill cart', await shop.fillCart(cart.id, [{ sku, quantity: 1 }]))
  const order = expectOk(
    'place order',
    await shop.placeOrder(
      {
        cartId: cart.id,
        email: 'bench@example.com',
        shippingAddress: ADDRESS,
        shippingMethod: 'standard',
        payment: { provider: 'sandbox', token: 'tok_ok' },
      },
      randomUUID(),
      { waitSeconds: 10 },
    ),
  )
  if (order.status !== 'confirmed') throw new Error(`the order is ${order.status}`)
}

/** Cart, item, order, confirmed; the goods spread over many SKUs. */
export const checkoutSpread = ({ shop, goods, workers, seconds }: Setting) => {
  let turn = 0
  return drive({ scenario: 'checkout to confirmed, spread', unit: 'orders', workers, seconds }, () =>
    checkout(shop, pick(goods.skus, turn++)),
  )
}

/** The same, with everybody after the same SKU. */
export const checkoutHot = ({ shop, goods, workers, seconds }: Setting) =>
  drive({ scenario: 'checkout to confirmed, one hot SKU', unit: 'orders', workers, seconds }, () =>
    checkout(shop, goods.hotSku),
  )
