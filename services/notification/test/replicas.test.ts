import { createLogger } from '@storewright/service-kit'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSmtpSender } from '../src/mails/smtp-sender.ts'
import { passwordChanged, resetRequested, startNotification, type Notification } from './harness.ts'
import { startMailServer, type MailServer } from './mail-server.ts'

let mailServer: MailServer
let notification: Notification

const setUp = async (env: Record<string, string> = {}, login?: string) => {
  mailServer = await startMailServer(login === undefined ? {} : { login })
  notification = await startNotification({
    env: { SMTP_URL: mailServer.url, SMTP_TIMEOUT_MS: '500', ...env },
  })
}
beforeEach(() => setUp())
afterEach(async () => {
  await notification.stop()
  await mailServer.stop()
})

const restart = async (env: Record<string, string>, login?: string) => {
  await notification.stop()
  await mailServer.stop()
  await setUp(env, login)
}
const state = async (userId: string) => (await notification.message(userId))?.state
const until = (userId: string, wanted: string) =>
  expect.poll(() => state(userId), { timeout: 10_000 }).toBe(wanted)

describe('many replicas', () => {
  it('send 200 messages once each', async () => {
    const events = Array.from({ length: 200 }, () => passwordChanged())
    const replicas = [await notification.startReplica(), await notification.startReplica()]
    await notification.deliverAll(events)
    await Promise.all(replicas.map((replica) => replica.work()))
    await expect.poll(() => mailServer.taken.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(200)
    for (const { data } of events) await until(data.userId, 'sent')
    expect(mailServer.taken.map(({ to }) => to[0]).sort()).toEqual(
      events.map(({ data }) => data.email).sort(),
    )
    for (const { data } of events) {
      expect(await notification.message(data.userId)).toMatchObject({ attempts: 1 })
    }
  })
})

describe('a process that dies', () => {
  it('before a mail was taken leaves it to another, once its lease is over', async () => {
    const dead = await notification.startReplica()
    await dead.work()
    const event = resetRequested()
    mailServer.plan(event.data.email, 'hang')
    await notification.deliver(event)
    await expect.poll(() => mailServer.attemptsFor(event.data.email)).toBe(1)
    await dead.die()

    const alive = await notification.startReplica()
    await alive.work()
    await until(event.data.userId, 'sent')
    expect(mailServer.takenFor(event.data.email)).toHaveLength(1)
    expect(await notification.message(event.data.userId)).toMatchObject({ attempts: 2 })
  })

  it('between the acceptance and our note makes the mail leave again, under the same id', async () => {
    const real = createSmtpSender({
      url: mailServer.url,
      from: notification.config.MAIL_FROM,
      connections: 1,
      timeoutMs: 500,
    })
    const dead = await notification.startReplica({
      sender: {
        send: async (mail, signal) => {
          await real.send(mail, signal)
          await dead.die()
        },
        close: () => real.close(),
      },
    })
    await dead.work()
    const event = passwordChanged()
    await notification.deliver(event)
    await expect.poll(() => mailServer.takenFor(event.data.email)).toHaveLength(1)

    const alive = await notification.startReplica()
    await alive.work()
    await until(event.data.userId, 'sent')
    expect(mailServer.takenFor(event.data.email).map(({ mail }) => mail.messageId)).toEqual([
      `<${event.id}@example.com>`,
      `<${event.id}@example.com>`,
    ])
  })

  it('for a while only, and is late, cannot put off what another one is sending', async () => {
    await restart({ SMTP_TIMEOUT_MS: '30000', MAIL_CONCURRENCY: '1' })
    const slow = Promise.withResolvers<void>()
    const quick = Promise.withResolvers<void>()
    const senderOf = (handedOver: Promise<void>) => ({
      send: () => handedOver,
      close: () => Promise.resolve(),
    })
    const first = await notification.startReplica({ sender: senderOf(slow.promise) })
    await first.work()
    const event = passwordChanged()
    const { userId } = event.data
    await notification.deliver(event)
    await until(userId, 'sending')

    notification.pass(60_001)
    const second = await notification.startReplica({ sender: senderOf(quick.promise) })
    await second.work()
    await expect.poll(async () => (await notification.message(userId))?.attempts).toBe(2)
    const taken = await notification.message(userId)
    slow.reject(new Error('late'))
    await Promise.all(first.workers.map((worker) => worker.stop()))
    expect(await notification.message(userId)).toEqual(taken)
    quick.resolve()
    await until(userId, 'sent')
  })
})

describe('a stop', () => {
  it('finishes what is being sent, and leaves the rest', async () => {
    await restart({ MAIL_CONCURRENCY: '1' })
    const gate = Promise.withResolvers<void>()
    const begun: string[] = []
    const replica = await notification.startReplica({
      sender: {
        send: (mail) => {
          begun.push(mail.causeId)
          return gate.promise
        },
        close: () => Promise.resolve(),
      },
    })
    await replica.work()
    const [first, second] = [passwordChanged(), passwordChanged()]
    await notification.deliver(first)
    await expect.poll(() => begun).toEqual([first.id])
    await notification.deliver(second)
    const stopped = Promise.all(replica.workers.map((worker) => worker.stop()))
    gate.resolve()
    await stopped
    expect(await state(first.data.userId)).toBe('sent')
    expect(await state(second.data.userId)).toBe('queued')
    expect(begun).toEqual([first.id])
  })
})

describe('time', () => {
  it('is not wasted: a message leaves as soon as it is committed', async () => {
    await restart({ MAIL_POLL_MS: '60000' })
    const replica = await notification.startReplica()
    await replica.work()
    const event = passwordChanged()
    await notification.deliver(event)
    await until(event.data.userId, 'sent')
  })

  it('that a link works is respected: later it is not sent any more', async () => {
    const event = resetRequested({ expiresAt: new Date(Date.now() + 60_000).toISOString() })
    const other = passwordChanged()
    await notification.startReplica().then(async (replica) => {
      await notification.deliverAll([event, other])
      notification.pass(60_001)
      await replica.work()
    })
    await until(event.data.userId, 'expired')
    await until(other.data.userId, 'sent')
    expect(await notification.message(event.data.userId)).toMatchObject({
      secret: null,
      due_at: null,
      attempts: 0,
    })
    expect(mailServer.attemptsFor(event.data.email)).toBe(0)
  })

  it('that a mail is tried for ends', async () => {
    await restart({ MAIL_GIVE_UP_SECONDS: '3600' })
    const event = passwordChanged()
    mailServer.plan(
      event.data.email,
      ...Array.from({ length: 50 }, () => ({ refuse: 451, at: 'recipient' }) as const),
    )
    const replica = await notification.startReplica()
    await replica.work()
    await notification.deliver(event)
    await expect.poll(() => mailServer.attemptsFor(event.data.email)).toBeGreaterThan(0)
    notification.pass(3_600_000)
    await until(event.data.userId, 'failed')
    expect(mailServer.takenFor(event.data.email)).toEqual([])
  })
})

describe('a mail server that is away', () => {
  it('gets everything when it is back', async () => {
    const { port } = mailServer
    await mailServer.stop()
    const replica = await notification.startReplica()
    await replica.work()
    const event = resetRequested()
    await notification.deliver(event)
    await expect
      .poll(async () => (await notification.message(event.data.userId))?.error)
      .toContain('ECONNREFUSED')
    mailServer = await startMailServer({ port })
    await until(event.data.userId, 'sent')
    expect(mailServer.takenFor(event.data.email)).toHaveLength(1)
  })

  it('or does not let us in has refused us, and not the mails', async () => {
    await restart({ SMTP_URL: '' }, 'shop:right')
    const config = { ...notification.config, SMTP_URL: mailServer.url.replace('right', 'wrong') }
    const replica = await notification.startReplica({ config })
    await replica.work()
    const event = resetRequested()
    await notification.deliver(event)
    await expect
      .poll(async () => (await notification.message(event.data.userId))?.error)
      .toContain('wrong password')
    expect(await notification.message(event.data.userId)).toMatchObject({ secret: event.data.token })
    const better = await notification.startReplica({ config: { ...config, SMTP_URL: mailServer.url } })
    await Promise.all(replica.workers.map((worker) => worker.stop()))
    await better.work()
    await until(event.data.userId, 'sent')
  })
})

describe('an operator', () => {
  it('sees in the log what became of mails, and neither addresses nor tokens', async () => {
    const lines: string[] = []
    const logger = createLogger(
      { name: 'notification', level: 'debug' },
      { write: (line: string) => void lines.push(line) },
    )
    const replica = await notification.startReplica({ logger })
    await replica.work()
    const [good, bad, later] = [resetRequested(), resetRequested(), resetRequested()]
    for (const { data } of [bad, later]) {
      const saying = `<${data.email}> is unknown; ${data.token}`
      mailServer.plan(data.email, { refuse: data === bad.data ? 550 : 450, at: 'recipient', saying })
    }
    await notification.deliverAll([good, bad, later])
    await until(good.data.userId, 'sent')
    await until(bad.data.userId, 'failed')
    await until(later.data.userId, 'sent')

    const log = lines.join('')
    expect(log).toContain('"responseCode":550')
    expect(log).toContain('"responseCode":450')
    expect(log).toContain(`"correlationId":"${good.correlationId}"`)
    for (const { email, token } of [good.data, bad.data, later.data]) {
      expect(log).not.toContain(email)
      expect(log).not.toContain(token)
    }
  })

  it('counts what was queued, sent, put off, failed and is waiting', async () => {
    const replica = await notification.startReplica()
    const value = async (line: string) => {
      const { body } = await replica.server.inject('/metrics')
      const found = body.split('\n').find((each) => each.startsWith(line))
      return Number(found?.split(' ').at(-1) ?? 0)
    }
    const outcome = (what: string) =>
      value(`storewright_mails_total{kind="password-changed",outcome="${what}"}`)
    const outcomes = ['queued', 'sent', 'put-off', 'failed'] as const
    const before = await Promise.all(outcomes.map(outcome))

    const [bad, later] = [passwordChanged(), passwordChanged()]
    mailServer.plan(bad.data.email, { refuse: 550, at: 'recipient' })
    mailServer.plan(later.data.email, { refuse: 450, at: 'recipient' })
    await notification.deliverAll([bad, later])
    expect(await value('storewright_mails_waiting')).toBe(2)
    await replica.work()
    await until(bad.data.userId, 'failed')
    await until(later.data.userId, 'sent')
    await expect.poll(() => outcome('sent')).toBe((before[1] ?? 0) + 1)
    expect(await value('storewright_mails_waiting')).toBe(0)
    const after = await Promise.all(outcomes.map(outcome))
    expect(after.map((count, index) => count - (before[index] ?? 0))).toEqual([2, 1, 1, 1])
  })
})
