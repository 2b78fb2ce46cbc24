import type { Browser, Page } from 'playwright-core'
import { openHttp } from '@storewright/client'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { hasBrowser, launchBrowser } from './support/browser.ts'
import type { OpenApi } from './support/document/openapi.ts'

const underTest = inject('shop')
const http = openHttp({ gateways: [underTest.gatewayUrl] })
afterAll(() => http.close())

describe('the readable docs', () => {
  it('are one page that loads nothing from other hosts', async () => {
    const answer = await http.send<string>('GET', '/docs')
    const page =
      answer.status >= 300 ? await http.send<string>('GET', String(answer.headers['location'])) : answer
    expect(page.status).toBe(200)
    expect(page.headers['content-type']).toContain('text/html')
    expect(page.body).not.toMatch(/(?:src|href)="(?:https?:)?\/\//)
    const policy = String(page.headers['content-security-policy'])
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toMatch(/https?:|\*|'unsafe-eval'|script-src[^;]*'unsafe-inline'/)
  })
})

/** What a visitor does on the page. */
const onPage = (page: Page) => ({
  openChapter: async (name: string) => {
    const closed = page.getByRole('button', { name: `Open Group - ${name}`, exact: true })
    if (await closed.isVisible()) await closed.click()
  },
  goTo: (summary: string) => page.getByRole('link', { name: summary }).first().click(),
  /** Opens the client on an operation, lets `fill` change the request, sends it, and returns the answer. */
  tryOut: async (method: string, path: string, fill: () => Promise<unknown> = async () => undefined) => {
    await page.getByRole('button', { name: `(${method} ${path})` }).click()
    const client = page.getByRole('dialog')
    await client.getByRole('button', { name: `Send ${method} request` }).waitFor()
    await fill()
    const answered = page.waitForResponse((response) => new URL(response.url()).pathname === path)
    await client.getByRole('button', { name: `Send ${method} request` }).click()
    const answer = await answered
    await client.getByText(`${answer.status()}`).first().waitFor()
    const body = (await answer.json()) as Record<string, unknown>
    await client.getByRole('button', { name: 'Close Client' }).last().click()
    await client.waitFor({ state: 'hidden' })
    return { status: answer.status(), body }
  },
  writeBody: async (body: object) => {
    await page.getByRole('dialog').locator('.cm-content[contenteditable=true]').first().click()
    await page.keyboard.press('ControlOrMeta+A')
    await page.keyboard.insertText(JSON.stringify(body))
  },
})

// A machine without a browser has checked the page above; there is nothing more that it could look at.
if (hasBrowser)
  describe('in a browser', () => {
    let chrome: Browser
    let page: Page
    const faults: string[] = []
    // One page for all, as for a visitor: to render hundreds of operations is most of the work.
    beforeAll(async () => {
      chrome = await launchBrowser()
      page = await chrome.newPage({ viewport: { width: 1_400, height: 950 }, reducedMotion: 'reduce' })
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => {
        if (message.type() === 'error') faults.push(message.text())
      })
      page.on('requestfailed', (request) => faults.push(`failed: ${request.url()}`))
      page.on('request', (request) => {
        const { origin, protocol } = new URL(request.url())
        if (protocol.startsWith('http') && origin !== new URL(underTest.gatewayUrl).origin)
          faults.push(`from elsewhere: ${request.url()}`)
      })
      await page.goto(`${underTest.gatewayUrl}/docs`)
      await page.getByRole('heading', { name: 'Storewright' }).waitFor({ timeout: 30_000 })
    })
    afterAll(() => chrome.close())

    it('show every operation in its chapter, without an error', async () => {
      const document = (await (await fetch(`${underTest.gatewayUrl}/openapi.json`)).json()) as OpenApi
      const { openChapter } = onPage(page)
      const sidebar = page.getByRole('complementary').or(page.getByRole('navigation')).first()
      const chapters = Map.groupBy(
        Object.values(document.paths).flatMap((methods) => Object.values(methods)),
        ({ tags }) => tags?.[0] ?? '',
      )
      for (const [chapter, operations] of chapters) {
        await openChapter(chapter)
        for (const { summary } of operations)
          await sidebar
            .getByRole('link', { name: summary ?? '?' })
            .first()
            .waitFor({ state: 'attached' })
      }
      expect(chapters.size).toBeGreaterThan(5)
      expect(faults).toEqual([])
    })

    it('send requests from the page: list products, log in, read the own profile', async () => {
      const { openChapter, goTo, tryOut, writeBody } = onPage(page)
      await openChapter('Catalogue')
      await goTo('Products on sale: search, filter, sort')
      expect(await tryOut('get', '/v1/products')).toMatchObject({
        status: 200,
        body: { items: expect.any(Array) },
      })

      await openChapter('Identity')
      await goTo('Open a session')
      const { status, body } = await tryOut('post', '/v1/auth/login', () => writeBody(underTest.admin))
      expect(status).toBe(200)
      const { accessToken } = body['tokens'] as { accessToken: string }

      await openChapter('My account')
      await goTo('The signed-in account')
      const me = await tryOut('get', '/v1/me', () =>
        page.getByRole('dialog').getByLabel('Bearer Token').fill(accessToken),
      )
      expect(me).toMatchObject({ status: 200, body: { email: underTest.admin.email } })
      expect(faults).toEqual([])
    })
  })

describe('GET / and /health', () => {
  it('link to the docs and sum up the readiness of the services', async () => {
    const root = await http.send('GET', '/')
    expect(root.status).toBe(200)
    expect(JSON.stringify(root.body)).toContain('/docs')
    const health = await http.call('GET', '/health')
    expect(health.status).toBe(200)
  })
})

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
