import { randomUUID } from 'node:crypto'

const gateway = process.env.GATEWAY_URL ?? 'http://127.0.0.1:8080'

const call = async (method, path, body, headers = {}) => {
  const response = await fetch(gateway + path, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    body: JSON.stringify(body),
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`${answer.title}: ${answer.detail}`)
  return answer
}

const sku = process.argv[2] ?? 'MUG-BLUE'
const cart = await call('POST', '/v1/carts', {})
await call('PUT', `/v1/carts/${cart.id}/items/${sku}`, { quantity: 1 })

const checkout = {
  cartId: cart.id,
  email: 'ada@example.com',
  shippingAddress: { name: 'Ada', line1: '1 High St', city: 'Leeds', postalCode: 'LS1 1AA', country: 'GB' },
  shippingMethod: 'standard',
  payment: { provider: 'sandbox', token: 'tok_ok' },
}
// A repeat with the same key gives the same order. Without `prefer` the answer is `pending`.
const once = { 'idempotency-key': randomUUID(), prefer: 'wait=10' }
const order = await call('POST', '/v1/orders', checkout, once)

// A guest's order is reached with the secret that came with it.
const secret = { 'x-order-token': order.accessToken }
const timeline = await call('GET', `/v1/orders/${order.id}/timeline`, undefined, secret)
console.log(`${order.number} ${order.status}: ${timeline.items.map(({ type }) => type).join(', ')}`)
