import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** Inventory's `/internal/stock`, as far as carts ask it. */
export const startInventoryStub = async (token: string) => {
  const available = new Map<string, number>()
  let down = false
  let calls = 0
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    calls += 1
    if (down) return void request.socket.destroy()
    const known = request.url === '/internal/stock' && request.headers['x-internal-token'] === token
    if (!known) return void response.writeHead(403).end('{}')
    const { skus } = (await json(request)) as { skus: string[] }
    const items = skus.flatMap((sku) => {
      const count = available.get(sku)
      return count === undefined ? [] : [{ sku, available: count }]
    })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get calls() {
      return calls
    },
    setStock: (stock: Record<string, number>) => {
      for (const [sku, count] of Object.entries(stock)) available.set(sku, count)
    },
    setDown: (isDown: boolean) => {
      down = isDown
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}
