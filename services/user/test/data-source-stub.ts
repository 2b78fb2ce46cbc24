import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Item = { type: string; [field: string]: unknown }

/** Another service's `/internal/users/{userId}/personal-data`, two items a page. */
export const startDataSource = async (token: string, itemsOf: (userId: string) => Item[]) => {
  let mode: 'up' | 'down' | 'confused' | 'down-after-a-page' = 'up'
  const hooks: { beforeAnswer?: ((userId: string) => Promise<unknown>) | undefined } = {}
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://source')
    const userId = /^\/internal\/users\/([^/]+)\/personal-data$/.exec(url.pathname)?.[1]
    const from = Number(url.searchParams.get('cursor') ?? 0)
    if (mode === 'down' || (mode === 'down-after-a-page' && from > 0)) return void request.socket.destroy()
    if (userId === undefined || request.headers['x-internal-token'] !== token)
      return void response.writeHead(403).end('{}')
    if (mode === 'confused') return void response.writeHead(200).end('{"items":[{}]}')
    await hooks.beforeAnswer?.(userId)
    const items = itemsOf(userId)
    const nextCursor = from + 2 < items.length ? String(from + 2) : null
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ items: items.slice(from, from + 2), nextCursor }))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  return Object.assign(hooks, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (next: typeof mode) => {
      mode = next
    },
    stop: () => new Promise<void>((resolve) => void server.close(() => resolve()).closeAllConnections()),
  })
}
