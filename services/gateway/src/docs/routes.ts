import { createHash } from 'node:crypto'
import scalar from '@scalar/fastify-api-reference'
import type { Server } from '@storewright/service-kit'
import type { JsonObject } from './merge-openapi.ts'

const INLINE_SCRIPT = /<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g

/** Lets exactly the scripts that the page holds run, and talks to nobody but this server. */
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

/** The merged document, for tools at `/openapi.json` and for people at `/docs`. */
export const docsRoutes = (app: Server, { openApi }: { openApi: () => Promise<JsonObject> }) => {
  app.get('/openapi.json', async (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(await openApi()),
  )

  void app.register((scope: Server, _options, done) => {
    scope.addHook('onSend', (request, reply, payload, next) => {
      if (typeof payload === 'string' && payload.startsWith('<!doctype html>')) {
        void reply.header('content-security-policy', policyFor(payload))
      } else if (request.url.endsWith('.js')) {
        void reply.header('cache-control', 'public, max-age=86400')
      }
      next()
    })
    // Everything that the page needs comes from here: it must read on a machine without a network.
    void scope.register(scalar, {
      routePrefix: '/docs',
      configuration: {
        url: '/openapi.json',
        pageTitle: 'Storewright API',
        withDefaultFonts: false,
        telemetry: false,
        hideClientButton: true,
        // What remains is the reference itself: no tools of the page's maker, and nothing that asks its servers.
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
        authentication: { preferredSecurityScheme: 'bearer' },
        persistAuth: true,
      },
    })
    done()
  })
}
