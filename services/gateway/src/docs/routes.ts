import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Server } from '@storewright/service-kit/http'
import { fastify } from 'fastify'
import { load } from 'js-yaml'

const FILE = new URL('../../../../openapi.yaml', import.meta.url)

/** `openapi.yaml`, which `npm run gen` makes from the services' schemas, as the JSON text to serve. */
const readDocument = async () => {
  const text = JSON.stringify(load(await readFile(FILE, 'utf8')))
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` }
}

let document: ReturnType<typeof readDocument> | undefined

/** Reads the document at the first request: parsing takes some 100 ms, which most gateways never need. */
const openApi = () => (document ??= readDocument())

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g

const policyFor = (page: string) => {
  const scripts = [...page.matchAll(INLINE_SCRIPT)].map(
    ([, script]) => `'sha256-${createHash('sha256').update(script!).digest('base64')}'`,
  )
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

const CONFIGURATION = {
  url: '/openapi.json',
  pageTitle: 'Storewright API',
  // No fonts from afar, no tools of the page's maker, no calls home.
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never' as const,
  agent: { disabled: true },
  mcp: { disabled: true },
  authentication: { preferredSecurityScheme: 'bearer' },
  persistAuth: true,
  // Runs in the page. Whoever has not logged in is a guest and not somebody with an empty token, which is refused.
  onRequestBuilt: ({ request: { headers } }: { request: Request }) => {
    if (headers.get('authorization') === 'Bearer') headers.delete('authorization')
  },
}

const render = async () => {
  const { default: scalar } = await import('@scalar/fastify-api-reference')
  const app = fastify()
  await app.register(scalar, { routePrefix: '/docs', configuration: CONFIGURATION })
  const [page, script] = await Promise.all([app.inject('/docs/'), app.inject('/docs/js/scalar.js')])
  await app.close()
  return {
    html: page.body,
    policy: policyFor(page.body),
    gzippedScript: await promisify(gzip)(script.rawPayload),
  }
}

let rendered: ReturnType<typeof render> | undefined

/** The reference and its script, rendered at the first visit: most gateways never show it, and it is 5 MB of text. */
const docsPage = () => (rendered ??= render())

/** The OpenAPI document, for tools at `/openapi.json` and for people at `/docs`. */
export const docsRoutes = (app: Server) => {
  app.get('/openapi.json', async (_request, reply) => {
    const { text, etag } = await openApi()
    return reply.header('etag', etag).type('application/json; charset=utf-8').send(text)
  })

  // Served with the slash only, because the page's links are relative to it.
  app.get('/docs', async (request, reply) => {
    if (!request.url.split('?', 1)[0]!.endsWith('/')) return reply.redirect('/docs/', 301)
    const { html, policy } = await docsPage()
    return reply.header('content-security-policy', policy).type('text/html; charset=utf-8').send(html)
  })

  // The page must read on a machine without a network.
  app.get('/docs/js/scalar.js', async (request, reply) => {
    const { gzippedScript } = await docsPage()
    void reply
      .type('application/javascript; charset=utf-8')
      .headers({ 'cache-control': 'public, max-age=86400', vary: 'accept-encoding' })
    return /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
      ? reply.header('content-encoding', 'gzip').send(gzippedScript)
      : reply.send(await promisify(gunzip)(gzippedScript))
  })
}
