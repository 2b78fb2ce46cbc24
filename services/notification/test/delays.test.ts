import { createLogger } from '@storewright/service-kit/run'
import { describe, expect, it, onTestFinished } from 'vitest'
import { passwordChanged, resetRequested } from './events.ts'
import { useMailServer } from './harness.ts'
import { startMailServer } from './mail-server.ts'

const service = useMailServer()
const { until, restart } = service

describe('a message', () => {
  it('is sent as soon as it is committed, without waiting for the next poll', async () => {
    await restart({ MAIL_POLL_MS: '60000' })
    await service.notification.startWorkingReplica()
    const event = passwordChanged()
    await service.notification.deliver(event)
    await until(event.data.userId, 'sent')
  })

  it('expires instead of being sent when its link has expired', async () => {
    const event = resetRequested({ expiresAt: new Date(Date.now() + 60_000).toISOString() })
    const other = passwordChanged()
    const replica = await service.notification.startReplica()
    await service.notification.deliverAll([event, other])
    service.notification.pass(60_001)
    await replica.work()
    await until(event.data.userId, 'expired')
    await until(other.data.userId, 'sent')
    expect(await service.notification.message(event.data.userId)).toMatchObject({
      secret: null,
      due_at: null,
      attempts: 0,
    })
    expect(service.mailServer.attemptsFor(event.data.email)).toBe(0)
  })

  it('fails when it could not be sent for the configured time', async () => {
    await restart({ MAIL_GIVE_UP_SECONDS: '3600' })
    const event = passwordChanged()
    service.mailServer.plan(
      event.data.email,
      ...Array.from({ length: 50 }, () => ({ refuse: 451, at: 'recipient' }) as const),
    )
    await service.notification.startWorkingReplica()
    await service.notification.deliver(event)
    await expect.poll(() => service.mailServer.attemptsFor(event.data.email)).toBeGreaterThan(0)
    service.notification.pass(3_600_000)
    await until(event.data.userId, 'failed')
    expect(service.mailServer.takenFor(event.data.email)).toEqual([])
  })
})

describe('an unavailable mail server', () => {
  it('receives every waiting mail once it is available again', async () => {
    const { port } = service.mailServer
    await service.mailServer.stop()
    await service.notification.startWorkingReplica()
    const event = resetRequested()
    await service.notification.deliver(event)
    await expect
      .poll(async () => (await service.notification.message(event.data.userId))?.error)
      .toContain('ECONNREFUSED')
    const returned = await startMailServer({ port })
    onTestFinished(() => returned.stop())
    await until(event.data.userId, 'sent')
    expect(returned.takenFor(event.data.email)).toHaveLength(1)
  })

  it('that refuses the log-in leaves the mails to be sent once the log-in is right', async () => {
    await restart({ SMTP_URL: '' }, 'shop:right')
    const replica = await service.notification.startWorkingReplica({
      env: { SMTP_URL: service.mailServer.url.replace('right', 'wrong') },
    })
    const event = resetRequested()
    await service.notification.deliver(event)
    await expect
      .poll(async () => (await service.notification.message(event.data.userId))?.error)
      .toContain('wrong password')
    expect(await service.notification.message(event.data.userId)).toMatchObject({ secret: event.data.token })
    const better = await service.notification.startReplica({ env: { SMTP_URL: service.mailServer.url } })
    await Promise.all(replica.workers.map((worker) => worker.stop()))
    await better.work()
    await until(event.data.userId, 'sent')
  })
})

describe('observability', () => {
  it('logs the outcome of each mail with the server’s code, and neither addresses nor tokens', async () => {
    const lines: string[] = []
    const logger = createLogger(
      { name: 'notification', level: 'debug' },
      { write: (line: string) => void lines.push(line) },
    )
    await service.notification.startWorkingReplica({ logger })
    const [good, bad, later] = [resetRequested(), resetRequested(), resetRequested()]
    for (const { data } of [bad, later]) {
      const reply = `<${data.email}> is unknown; ${data.token}`
      service.mailServer.plan(data.email, { refuse: data === bad.data ? 550 : 450, at: 'recipient', reply })
    }
    await service.notification.deliverAll([good, bad, later])
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

  it('counts the mails that were queued, sent, deferred and failed, and those that wait', async () => {
    const replica = await service.notification.startReplica()
    const value = async (line: string) => {
      const { body } = await replica.server.inject('/metrics')
      const found = body.split('\n').find((each) => each.startsWith(line))
      return Number(found?.split(' ').at(-1) ?? 0)
    }
    const outcome = (name: string) =>
      value(`storewright_mails_total{kind="password-changed",outcome="${name}"}`)
    const outcomes = ['queued', 'sent', 'deferred', 'failed'] as const
    const before = await Promise.all(outcomes.map(outcome))

    const [bad, later] = [passwordChanged(), passwordChanged()]
    service.mailServer.plan(bad.data.email, { refuse: 550, at: 'recipient' })
    service.mailServer.plan(later.data.email, { refuse: 450, at: 'recipient' })
    await service.notification.deliverAll([bad, later])
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
