import { createLogger } from '@storewright/service-kit/run'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { passwordChanged, resetRequested } from './harness.ts'
import { startMailServer } from './mail-server.ts'
import { startWithMailServer } from './rig.ts'

type Rig = Awaited<ReturnType<typeof startWithMailServer>>
let rig: Rig
let mailServer: Rig['mailServer']
let notification: Rig['notification']

const setUp = async (...options: Parameters<typeof startWithMailServer>) => {
  rig = await startWithMailServer(...options)
  ;({ mailServer, notification } = rig)
}
const restart = async (...options: Parameters<typeof startWithMailServer>) => {
  await rig.stop()
  await setUp(...options)
}
beforeEach(() => setUp())
afterEach(() => rig.stop())

const until = (userId: string, wanted: string) => rig.until(userId, wanted)

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
    onTestFinished(() => mailServer.stop())
    await until(event.data.userId, 'sent')
    expect(mailServer.takenFor(event.data.email)).toHaveLength(1)
  })

  it('or does not let us in has refused us, and not the mails', async () => {
    await restart({ SMTP_URL: '' }, 'shop:right')
    const replica = await notification.startReplica({
      env: { SMTP_URL: mailServer.url.replace('right', 'wrong') },
    })
    await replica.work()
    const event = resetRequested()
    await notification.deliver(event)
    await expect
      .poll(async () => (await notification.message(event.data.userId))?.error)
      .toContain('wrong password')
    expect(await notification.message(event.data.userId)).toMatchObject({ secret: event.data.token })
    const better = await notification.startReplica({ env: { SMTP_URL: mailServer.url } })
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
