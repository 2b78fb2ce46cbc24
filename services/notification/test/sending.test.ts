import { afterAll, describe, expect, it } from 'vitest'
import { emailChanged, newToken, passwordChanged, resetRequested, verificationRequested } from './events.ts'
import { STOREFRONT_URL, useNotification } from './harness.ts'
import { startMailServer, type MailServer } from './mail-server.ts'

let mailServer: MailServer
const { notification } = useNotification(async () => {
  mailServer = await startMailServer()
  return {
    SMTP_URL: mailServer.url,
    SMTP_TIMEOUT_MS: '1000',
    MAIL_FROM: 'Example Shop <post@shop.example>',
    SHOP_NAME: 'Example Shop',
  }
})
afterAll(() => mailServer.stop())

const until = (userId: string, wanted: string) => notification.until(userId, wanted)
/** Delivers the event, waits for its mail and returns what the mail server took for this address. */
const send = async (event: ReturnType<typeof passwordChanged | typeof resetRequested>) => {
  await notification.deliver(event)
  await until(event.data.userId, 'sent')
  return mailServer.takenFor(event.data.email)
}

describe('a mail', () => {
  it('is sent as text and HTML, from the shop, to one person, marked as generated automatically', async () => {
    const event = verificationRequested()
    const { userId, email, token } = event.data
    await notification.deliver(event)
    await until(userId, 'sent')
    const [taken, ...more] = mailServer.takenFor(email)
    expect(more).toEqual([])
    expect(taken).toMatchObject({
      from: 'post@shop.example',
      to: [email],
      mail: {
        from: { name: 'Example Shop', address: 'post@shop.example' },
        to: [{ address: email, name: '' }],
        subject: 'Confirm your e-mail address – Example Shop',
        messageId: `<${event.id}@shop.example>`,
      },
    })
    expect(taken?.mail.headers).toContainEqual(
      expect.objectContaining({ key: 'auto-submitted', value: 'auto-generated' }),
    )
    const link = `${STOREFRONT_URL}/verify-email?token=${encodeURIComponent(token)}`
    expect(taken?.mail.text).toContain(link)
    expect(taken?.mail.html).toContain(`href="${link}"`)
    expect(await notification.message(userId)).toMatchObject({
      attempts: 1,
      secret: null,
      due_at: null,
      error: null,
      sent_at: expect.any(Date) as Date,
    })
  })

  it('is not sent when its cause is repeated for those who keep copies', async () => {
    const event = passwordChanged()
    await notification.deliver({ ...event, replay: true })
    expect(await notification.message(event.data.userId)).toBeUndefined()
  })

  it('is sent once, however often its cause is delivered', async () => {
    const events = [verificationRequested(), resetRequested(), passwordChanged(), emailChanged()]
    for (const event of [...events, ...events]) await notification.deliver(event)
    for (const { data } of events) {
      await until(data.userId, 'sent')
      expect(await notification.messages(data.userId)).toHaveLength(1)
      expect(mailServer.takenFor('previousEmail' in data ? data.previousEmail : data.email)).toHaveLength(1)
    }
  })
})

describe('a mail server', () => {
  it.each([
    ['the address', { refuse: 451, at: 'recipient' }],
    ['the mail', { refuse: 452, at: 'data' }],
  ] as const)('that defers %s is tried again, later each time', async (_what, refusal) => {
    const event = passwordChanged()
    const { userId, email } = event.data
    mailServer.plan(email, refusal, refusal)
    expect(await send(event)).toHaveLength(1)
    expect(await notification.message(userId)).toMatchObject({ attempts: 3, error: null })
  })

  it.each([
    ['the address', { refuse: 550, at: 'recipient', reply: '5.1.1 no such mailbox' }],
    ['the mail', { refuse: 554, at: 'data', reply: '5.7.1 looks like spam' }],
  ] as const)('that refuses %s for good is not tried again', async (_what, refusal) => {
    const event = resetRequested()
    const { userId, email } = event.data
    mailServer.plan(email, refusal, refusal)
    await notification.deliver(event)
    await until(userId, 'failed')
    expect(await notification.message(userId)).toMatchObject({
      attempts: 1,
      secret: null,
      due_at: null,
      error: expect.stringContaining(refusal.reply) as string,
    })
    expect(mailServer.takenFor(email)).toEqual([])
    expect(mailServer.attemptsFor(email)).toBe(1)
  })

  it('that quotes the link’s token in its refusal does not get it into the stored error', async () => {
    const event = resetRequested()
    const { userId, email, token } = event.data
    mailServer.plan(email, { refuse: 554, at: 'data', reply: `spam: ${token} and ?token=abc` })
    await notification.deliver(event)
    await until(userId, 'failed')
    const { error } = (await notification.message(userId)) ?? {}
    expect(error).toContain('spam: … and ?token=…')
  })

  it('that never answers is given up after the time-out, without delaying other mails', async () => {
    const hung = passwordChanged()
    mailServer.plan(hung.data.email, 'hang', 'hang')
    await notification.deliver(hung)
    const other = passwordChanged()
    await notification.deliver(other)
    await until(other.data.userId, 'sent')
    expect(await notification.stateOf(hung.data.userId)).not.toBe('sent')
    await until(hung.data.userId, 'sent')
    expect(await notification.message(hung.data.userId)).toMatchObject({ attempts: 3 })
  })

  it('that closes the connection in the middle of a mail gets it again', async () => {
    const event = passwordChanged()
    mailServer.plan(event.data.email, 'drop', 'drop')
    expect(await send(event)).toHaveLength(1)
    expect(await notification.message(event.data.userId)).toMatchObject({ attempts: 3 })
  })
})

describe('what a person entered', () => {
  it('as a name ends no header and adds no recipient', async () => {
    const event = passwordChanged({ name: 'Ada\r\nBcc: all@example.com\r\n\r\nHello' })
    const [taken] = await send(event)
    expect(taken?.to).toEqual([event.data.email])
    expect(taken?.mail.headers.map(({ key }) => key)).not.toContain('bcc')
    expect(taken?.raw).not.toContain('all@example.com')
  })

  it('as a name is escaped in HTML', async () => {
    const [taken] = await send(passwordChanged({ name: 'Ada & "Sons"' }))
    expect(taken?.mail.html).toContain('Hello Ada &amp; &quot;Sons&quot;,')
    expect(taken?.mail.text).toContain('Hello Ada & "Sons",')
  })

  it.each([
    'ada@example.com\r\nRCPT TO:<all@example.com>',
    'ada@example.com, all@example.com',
    'ada@example.com>\r\nBcc: <all@example.com',
    '"a" <all@example.com>',
  ])('as an address such as %j gets no mail, and the message is stored as failed', async (email) => {
    const before = mailServer.taken.length
    const event = resetRequested({ email })
    expect(await notification.deliver(event)).toBe('applied')
    expect(await notification.message(event.data.userId)).toMatchObject({
      state: 'failed',
      attempts: 0,
      secret: null,
      error: expect.stringContaining('not one that mail can be sent to') as string,
    })
    expect(mailServer.taken.slice(before).flatMap(({ to }) => to)).not.toContain('all@example.com')
  })

  it('as a token cannot add to the link or the HTML', async () => {
    const token = `${newToken()}&next=https://evil.example/#"><script>`
    const [taken] = await send(resetRequested({ token }))
    expect(taken?.mail.text).toContain(
      `${STOREFRONT_URL}/reset-password?token=${encodeURIComponent(token)}\n`,
    )
    expect(taken?.mail.html).not.toContain('<script')
  })
})
