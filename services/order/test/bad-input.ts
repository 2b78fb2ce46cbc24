import { beforeAll, beforeEach, expect } from 'vitest'
import { useOrder } from './harness.ts'
import type { Call, CartBody, Method, ProblemBody } from './shapes.ts'

const LIMITLESS = 10_000_000

/** A shop with products that an order may not hold, and for each test a cart with one MUG that it must leave alone. */
export const useBadInput = () => {
  const shop = useOrder({ MUG: 1299, DEAR: 1_000_000_000_000 })
  const cart = { id: '' }
  beforeAll(async () => {
    await shop.offer('EURO', { price: 100, currency: 'EUR' })
    await shop.offer('OLD', { price: 100, status: 'archived' })
    shop.inventory.setStock({ MUG: LIMITLESS, DEAR: LIMITLESS, EURO: 100, OLD: 100 })
  })
  beforeEach(async () => {
    cart.id = (await shop.cartWith({ MUG: 1 })).id
  })
  return {
    shop,
    cart,
    /** Sends a request that must be refused with this status, as a problem that names the field at `path`. */
    refused: async (method: Method, url: string, call: Call, expected: number, path?: string) => {
      const { status, headers, body } = await shop.send<ProblemBody>(method, url, call)
      const paths = body.errors?.map((error) => error.path)
      expect({ status, paths }).toEqual({
        status: expected,
        paths: path === undefined ? paths : (expect.arrayContaining([path]) as string[]),
      })
      expect(headers['content-type']).toMatch('application/problem+json')
      expect(body).toMatchObject({
        status: expected,
        type: expect.stringMatching(/^urn:storewright:problem:/) as string,
      })
      expect(JSON.stringify(body)).not.toMatch(/select|insert|mysql|node_modules| at .*\.ts/i)
    },
    expectCartUntouched: async () => {
      const { body } = await shop.send<CartBody>('GET', `/v1/carts/${cart.id}`)
      expect(body).toMatchObject({ status: 'open', version: 2, items: [{ sku: 'MUG', quantity: 1 }] })
    },
  }
}
