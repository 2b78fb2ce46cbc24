import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** The catalogue's `/internal/variants`, really served, with what the test puts in. */
export const startCatalogStub = async (token: string) => {
  const skus = new Set<string>()
  const requests: { skus: string[]; requestId: string | undefined }[] = []
  let mode: 'up' | 'failing' | 'silent' = 'up'
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    if (mode === 'silent') return
    const { skus: asked } = (await json(request)) as { skus: string[] }
    requests.push({ skus: asked, requestId: request.headers['x-request-id']?.toString() })
    const allowed = request.headers['x-internal-token'] === token && request.url === '/internal/variants'
    if (mode === 'failing' || !allowed) {
      response.writeHead(allowed ? 500 : 403).end()
      return
    }
    const items = asked
      .filter((sku) => skus.has(sku))
      .map((sku) => ({ sku, productId: sku, name: sku, status: 'draft' }))
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ items }))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    skus,
    requests,
    setMode: (next: typeof mode) => {
      mode = next
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  }
}
