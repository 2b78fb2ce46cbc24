import { randomUUID } from 'node:crypto'
import { openHttp } from '@storewright/client'
import { afterAll, describe, expect, inject, it } from 'vitest'
import { expectCleanAudit } from './support/audited.ts'
import { hasBrowser, launchBrowser } from './support/browser.ts'
import { openMailbox, tokenIn } from './support/mailbox.ts'

const underTest = inject('shop')
const mailbox = openMailbox(underTest)
const http = openHttp({ gateways: [underTest.gatewayUrl], retryForMs: 10_000 })
afterAll(() => http.close())

const PASSWORD = 'a mug of tea at five'
const anAddress = () => `mail-${randomUUID()}@example.com`

const post = async (path: string, body: unknown, token?: string) =>
  (await http.send('POST', path, { body, token })).status
const logIn = (email: string, password: string) => post('/v1/auth/login', { email, password })
const me = async (token: string) => (await http.call('GET', '/v1/me', { token })).body

const register = async (name = 'Ada Lovelace', email = anAddress()) => {
  const { status, body } = await http.call('POST', '/v1/auth/register', {
    body: { email, password: PASSWORD, name },
  })
  expect(status).toBe(201)
  return { email, userId: body.user.id, token: body.tokens.accessToken }
}

describe('a mail', () => {
  it('verifies the address of a new account once', async () => {
    const { email, token } = await register()
    expect(await me(token)).toMatchObject({ email, emailVerified: false })
    const mail = await mailbox.mailTo(email, 'verify-email')
    expect(mail.text).toContain('Hello Ada Lovelace,')
    expect(await post('/v1/auth/email/verify', { token: tokenIn(mail) })).toBe(204)
    expect(await me(token)).toMatchObject({ email, emailVerified: true })
    expect(await post('/v1/auth/email/verify', { token: tokenIn(mail) })).toBeGreaterThanOrEqual(400)
    expect(await mailbox.mailsTo(email)).toHaveLength(1)
  })

  it('lets a customer reset a forgotten password and confirms the change by mail', async () => {
    const { email, token } = await register()
    expect(await post('/v1/auth/password/forgot', { email })).toBe(202)
    const mail = await mailbox.mailTo(email, 'reset-password')
    const reset = { token: tokenIn(mail), password: 'another mug of tea' }
    expect(await post('/v1/auth/password/reset', reset)).toBe(204)

    expect(await logIn(email, PASSWORD)).toBe(401)
    expect(await logIn(email, reset.password)).toBe(200)
    await expect.poll(async () => (await http.call('GET', '/v1/me', { token })).status).toBe(401)
    expect(await post('/v1/auth/password/reset', reset)).toBeGreaterThanOrEqual(400)
    expect((await mailbox.mailTo(email, 'password-changed')).text).toContain('was reset on')
  })

  it('is not sent to an address without an account', async () => {
    const stranger = anAddress()
    expect(await post('/v1/auth/password/forgot', { email: stranger })).toBe(202)
    const { email } = await register()
    await mailbox.mailTo(email, 'verify-email')
    expect(await mailbox.mailsTo(stranger)).toEqual([])
  })

  it('verifies a new address before the account uses it, and informs the old one', async () => {
    const { email, token } = await register()
    const next = anAddress()
    const change = await http.call('PATCH', '/v1/me', {
      token,
      body: { email: next, currentPassword: PASSWORD },
    })
    expect(change.status).toBe(200)
    expect((await me(token)).email).toBe(email)
    const mail = await mailbox.mailTo(next, 'verify-email')
    expect(mail.subject).toContain('Confirm your new e-mail address')
    expect(await post('/v1/auth/email/verify', { token: tokenIn(mail) })).toBe(204)
    expect((await me(token)).email).toBe(next)
    const notice = await mailbox.mailTo(email, 'email-changed')
    expect(notice.text).not.toContain(next)
    expect(await mailbox.mailsTo(next)).toHaveLength(1)
  })

  it('links only to the storefront, whatever Host header the request has', async () => {
    const { email } = await register('Click https://evil.example now')
    const { status } = await http.call('POST', '/v1/auth/password/forgot', {
      body: { email },
      headers: { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
    })
    expect(status).toBe(202)
    await mailbox.mailTo(email, 'reset-password')
    const mails = await mailbox.mailsTo(email)
    expect(mails.flatMap(({ links }) => links)).toHaveLength(2)
    expect(JSON.stringify(mails)).not.toContain('evil.example')
  })
})

it('an erased person’s mails are gone from the mailbox, and the address can register again', async () => {
  const { email, token } = await register()
  await mailbox.mailTo(email, 'verify-email')
  const { status } = await http.call('DELETE', '/v1/me', { token, body: { password: PASSWORD } })
  expect(status).toBe(202)
  await expect.poll(() => mailbox.mailsTo(email), { timeout: 15_000 }).toEqual([])
  const again = await register('Ada the Second', email)
  const mail = await mailbox.mailTo(email, 'verify-email')
  expect(mail.text).toContain('Hello Ada the Second,')
  expect(await post('/v1/auth/email/verify', { token: tokenIn(mail) })).toBe(204)
  expect(await me(again.token)).toMatchObject({ email, emailVerified: true })
})

// A machine without a browser has read the mails above; the page is for people.
if (hasBrowser)
  it('can be read in a browser, with its link, without scripts or errors', async () => {
    const { email } = await register('Bobby "Tables" & Sons')
    const mail = await mailbox.mailTo(email, 'verify-email')
    const chrome = await launchBrowser()
    try {
      const page = await chrome.newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(error.message))
      page.on('console', (message) => faults.push(message.text()))
      await page.goto(String(underTest.mailboxUrl))
      await page.getByLabel('To').fill(email)
      await page.getByRole('button', { name: 'Show' }).click()
      await page.getByRole('link', { name: mail.subject }).click()
      expect(page.url()).toBe(mailbox.pageOf(mail))
      const shown = page.frameLocator('iframe')
      await shown.getByText('Hello Bobby "Tables" & Sons,').waitFor()
      const button = shown.getByRole('link', { name: 'Confirm address' })
      expect(await button.getAttribute('href')).toBe(mail.links[0])
      const opened = page.waitForEvent('popup')
      await button.click()
      await (await opened).close()
      expect(page.url()).toBe(mailbox.pageOf(mail))
      expect(faults).toEqual([])
    } finally {
      await chrome.close()
    }
  })

it('passes the audit of all invariants afterwards', () => expectCleanAudit(underTest))
