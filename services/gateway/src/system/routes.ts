import { requireInternal } from '@storewright/service-kit/auth'
import { sendMetrics, type Server } from '@storewright/service-kit/http'
import type { Health } from './health.ts'

const WELCOME = {
  name: 'Storewright',
  description: 'A headless commerce backend. There is no page to browse here; there is an API.',
  documentation: '/docs',
  openapi: '/openapi.json',
  health: '/health',
  api: '/v1',
  tryThis: '/v1/products',
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Storewright</title>
    <style>
      body { font: 16px/1.6 system-ui, sans-serif; max-width: 40rem; margin: 4rem auto; padding: 0 1rem }
      @media (prefers-color-scheme: dark) { body { background: #16181d; color: #e6e6e6 } a { color: #8ab4f8 } }
    </style>
  </head>
  <body>
    <h1>Storewright</h1>
    <p>A headless commerce backend. There is no shop to browse here; there is an API to build one on.</p>
    <ul>
      <li><a href="/docs">The documentation</a>, to read and to try</li>
      <li><a href="/openapi.json">The same as an OpenAPI document</a>, for tools</li>
      <li><a href="/v1/products">The products</a>, as an example</li>
      <li><a href="/health">The health of the services</a></li>
    </ul>
  </body>
</html>
`

const wantsPage = (accept: string | undefined) =>
  accept !== undefined && /text\/html/.test(accept) && !accept.startsWith('application/json')

export const systemRoutes = (
  app: Server,
  { health, internalToken }: { health: () => Promise<Health>; internalToken: string },
) => {
  app.get('/', (request, reply) => {
    void reply.header('vary', 'accept')
    if (!wantsPage(request.headers.accept)) return reply.send(WELCOME)
    return reply
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
      )
      .type('text/html; charset=utf-8')
      .send(PAGE)
  })

  app.get('/favicon.ico', (_request, reply) => reply.code(204).send())

  app.get('/health', async (_request, reply) => {
    const result = await health()
    return reply
      .code(result.status === 'ok' ? 200 : 503)
      .header('cache-control', 'no-store')
      .send(result)
  })

  // This port is public, so the metrics need the internal token.
  app.get('/metrics', { onRequest: requireInternal(internalToken) }, (_request, reply) => sendMetrics(reply))
}
