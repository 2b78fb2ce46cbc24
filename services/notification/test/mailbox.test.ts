import { newId } from '@storewright/database'
import { loadConfig } from '@storewright/service-kit/run'
import { describe, expect, it } from 'vitest'
import { Config } from '../src/config.ts'
import { emailChanged, passwordChanged, resetRequested, verificationRequested } from './events.ts'
import { STOREFRONT_URL, useNotification } from './harness.ts'

const { notification, replica } = useNotification()

interface Captured {
  id: string
  to: string
  subject: string
  text: string
  html: string
  links: string[]
  sentAt: string
  kind: string
  userId: string
}

const get = (url: string) => replica.server.inject(url)
const captured = async (to: string) =>
  (await get(`/mailbox/messages?to=${encodeURIComponent(to)}`)).json<{ items: Captured[] }>().items
const mailTo = async (to: string) => {
  await expect.poll(async () => (await captured(to)).length).toBe(1)
  return (await captured(to))[0] as Captured
}

describe('a captured mail', () => {
  it('to verify an address contains the link for it', async () => {
    const event = verificationRequested()
    expect(await notification.deliver(event)).toBe('applied')
    const { email, token, userId } = event.data
    const mail = await mailTo(email)
    expect(mail).toMatchObject({
      to: email,
      kind: 'verify-email',
      userId,
      subject: 'Confirm your e-mail address – Storewright',
      links: [`${STOREFRONT_URL}/verify-email?token=${encodeURIComponent(token)}`],
    })
    expect(mail.text).toContain('Hello Ada Lovelace,')
    expect(mail.html).toContain(mail.links[0])
    // The mail is captured a moment before its message is recorded as sent.
    await expect
      .poll(() => notification.message(userId))
      .toMatchObject({ state: 'sent', secret: null, attempts: 1 })
  })

  it('to choose a new password contains the link for it', async () => {
    const event = resetRequested()
    await notification.deliver(event)
    const { email, token } = event.data
    expect(await mailTo(email)).toMatchObject({
      kind: 'reset-password',
      links: [`${STOREFRONT_URL}/reset-password?token=${encodeURIComponent(token)}`],
    })
  })

  it('reports a changed password', async () => {
    const event = passwordChanged({ by: 'reset' })
    await notification.deliver(event)
    expect((await mailTo(event.data.email)).text).toContain('was reset on')
  })

  it('reports a changed address to the previous one without revealing the new one', async () => {
    const event = emailChanged({ email: 'newcomer@example.org' })
    await notification.deliver(event)
    const mail = await mailTo(event.data.previousEmail)
    expect(mail.text).toContain('n…@example.org')
    expect(JSON.stringify(mail)).not.toContain('newcomer')
    expect(await captured('newcomer@example.org')).toEqual([])
  })

  it('is stored once when its cause is delivered twice', async () => {
    const event = passwordChanged()
    await notification.deliver(event)
    await notification.deliver(event)
    await mailTo(event.data.email)
    expect(await notification.messages(event.data.userId)).toHaveLength(1)
  })
})

describe('the mailbox', () => {
  it('lists the newest first', async () => {
    const email = `${newId()}@example.com`
    for (const event of [passwordChanged({ email }), resetRequested({ email })]) {
      await notification.deliver(event)
      await notification.until(event.data.userId, 'sent')
    }
    expect((await captured(email)).map(({ kind }) => kind)).toEqual(['reset-password', 'password-changed'])
  })

  it('is a page without scripts, with a page for each mail', async () => {
    const event = verificationRequested({ name: 'Bobby "Tables" O\'Neill & Sons' })
    await notification.deliver(event)
    const { id, links, to } = await mailTo(event.data.email)
    const list = await get('/mailbox')
    expect(list.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringContaining("default-src 'none'") as string,
    })
    expect(list.body).toContain(`href="/mailbox/${id}"`)
    expect(list.body).toContain(to)
    const page = await get(`/mailbox/${id}`)
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain(`<a href="${links[0]}" target="_blank" rel="noopener noreferrer">`)
    expect(page.body).toContain('sandbox="allow-popups allow-popups-to-escape-sandbox"')
    expect(page.body).toContain('Bobby &quot;Tables&quot; O&#39;Neill &amp; Sons')
  })

  it('escapes the address that is searched for', async () => {
    const page = await get(`/mailbox?to=${encodeURIComponent('"><script>alert(1)</script>')}`)
    expect(page.body).not.toContain('<script')
    expect(page.body).toContain('There is no mail yet.')
  })

  it('answers bad input with problem details', async () => {
    for (const [url, status] of [
      ['/mailbox/nonsense', 404],
      [`/mailbox/${newId()}`, 404],
      [`/mailbox/messages?to=${'a'.repeat(255)}`, 400],
      ['/mailbox/messages?from=a', 400],
      ['/mailbox/messages?to=%00', 400],
    ] as const) {
      const answer = await get(url)
      expect([url, answer.statusCode]).toEqual([url, status])
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
  })

  it('is not in the documented API', async () => {
    expect((await get('/openapi.json')).body).not.toContain('/mailbox')
  })
})

describe('in production', () => {
  const env = {
    NODE_ENV: 'production',
    DATABASE_URL: 'mysql://nobody@127.0.0.1/x',
    AMQP_URL: 'amqp://127.0.0.1',
    JWKS_URL: 'http://127.0.0.1',
    INTERNAL_TOKEN: 'an-internal-token-for-production',
    MAIL_FROM: 'Shop <shop@example.net>',
    STOREFRONT_URL: 'https://shop.example.net',
  }

  it('the service refuses to start without a mail server, so there is no mailbox', () => {
    expect(() => loadConfig(Config, env)).toThrow('SMTP_URL must be set in production')
    expect(() => loadConfig(Config, { ...env, SMTP_URL: '' })).toThrow('SMTP_URL must be set in production')
  })

  it.each(['MAIL_FROM', 'STOREFRONT_URL'])('the service refuses to start without %s', (name) => {
    expect(() => loadConfig(Config, { ...env, SMTP_URL: 'smtp://mail', [name]: '' })).toThrow(
      `${name} must be set in production`,
    )
  })

  it.each([
    ['SMTP_URL', 'http://mail'],
    ['MAIL_FROM', 'Shop <shop@example.net>\r\nBcc: all@example.net'],
    ['STOREFRONT_URL', 'javascript:alert(1)'],
    ['SHOP_NAME', 'Shop\r\nBcc: all@example.net'],
  ])('the service refuses to start with %s set to %j', (name, value) => {
    expect(() => loadConfig(Config, { ...env, SMTP_URL: 'smtps://mail', [name]: value })).toThrow(name)
  })
})
