import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { expectOk, openHttp } from '@storewright/ops'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'

const underTest = inject('shop')
const http = openHttp({ gateways: [underTest.gatewayUrl] })
afterAll(() => http.close())

type Operation = { operationId?: string; responses?: Record<string, unknown> }
type OpenApi = { openapi: string; info: object; paths: Record<string, Record<string, Operation>> }

const methods = new Set(['get', 'put', 'post', 'patch', 'delete'])
const browsers = [
  process.env['CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]
const browser = browsers.find((path) => path && existsSync(path))

const refsIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  )
}
const resolve = (document: unknown, ref: string) =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (at, part) =>
        (at as Record<string, unknown> | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    )

describe('the API document', () => {
  it('is OpenAPI 3.1, whole, and names every path of the slice', async () => {
    const document = expectOk('document', await http.send<OpenApi>('GET', '/openapi.json'))
    expect(document.openapi).toMatch(/^3\.1\./)
    const operations = Object.values(document.paths).flatMap((path) =>
      Object.entries(path).flatMap(([method, operation]) => (methods.has(method) ? [operation] : [])),
    )
    const ids = operations.map(({ operationId }) => operationId)
    expect(ids).not.toContain(undefined)
    expect(new Set(ids).size).toBe(ids.length)
    for (const { operationId, responses } of operations)
      expect(Object.keys(responses ?? {}).length, operationId).toBeGreaterThan(0)
    for (const ref of refsIn(document)) {
      expect(ref).toMatch(/^#\//)
      expect(resolve(document, ref), ref).toBeDefined()
    }
    expect(Object.keys(document.paths).filter((path) => path.includes('internal'))).toEqual([])
    expect(Object.keys(document.paths)).toEqual(
      expect.arrayContaining([
        '/v1/auth/register',
        '/v1/auth/login',
        '/v1/me',
        '/v1/categories',
        '/v1/products',
        '/v1/products/import',
        '/v1/stock/import',
        '/v1/carts',
        '/v1/orders',
      ]),
    )
  })
})

describe('the readable docs', () => {
  it('are a page that needs nothing from elsewhere', async () => {
    const answer = await http.send<string>('GET', '/docs')
    const page =
      answer.status >= 300 ? await http.send<string>('GET', String(answer.headers['location'])) : answer
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
  })

  // A machine without a browser has checked the page above; there is nothing more that it could look at.
  if (browser)
    it('show the operations in a browser, without an error', async () => {
      const chrome = await chromium.launch({ executablePath: browser, args: ['--no-sandbox'] })
      try {
        const page = await chrome.newPage()
        const faults: string[] = []
        page.on('pageerror', (error) => faults.push(error.message))
        page.on('requestfailed', (request) => faults.push(request.url()))
        await page.goto(`${underTest.gatewayUrl}/docs`)
        await page.getByText('/v1/orders', { exact: false }).first().waitFor({ timeout: 30_000 })
        expect(faults).toEqual([])
      } finally {
        await chrome.close()
      }
    })
})

describe('the way in', () => {
  it('tells a visitor where to go, and how the parts are', async () => {
    const root = await http.send<Record<string, unknown>>('GET', '/')
    expect(root.status).toBe(200)
    expect(JSON.stringify(root.body)).toContain('/docs')
    const health = await http.send<Record<string, unknown>>('GET', '/health')
    expect(health.status).toBe(200)
  })
})

it('leaves every invariant whole', () => expectCleanAudit(underTest))
