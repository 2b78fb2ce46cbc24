import { describe, expect, it } from 'vitest'
import { createSmtpSender } from '../src/mails/smtp-sender.ts'
import { passwordChanged, resetRequested } from './events.ts'
import { useMailServer } from './harness.ts'

const service = useMailServer()
const { until, restart } = service

describe('many replicas', () => {
  it('send 200 messages once each', async () => {
    await restart({ SMTP_TIMEOUT_MS: '30000' }) // a busy machine must not time out a delivery
    const events = Array.from({ length: 200 }, () => passwordChanged())
    const replicas = [await service.notification.startReplica(), await service.notification.startReplica()]
    await service.notification.deliverAll(events)
    await Promise.all(replicas.map((replica) => replica.work()))
    await expect.poll(() => service.mailServer.taken.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(200)
    for (const { data } of events) await until(data.userId, 'sent')
    expect(service.mailServer.taken.map(({ to }) => to[0]).sort()).toEqual(
      events.map(({ data }) => data.email).sort(),
    )
    for (const { data } of events) {
      expect(await service.notification.message(data.userId)).toMatchObject({ attempts: 1 })
    }
  })
})

describe('a process that is killed', () => {
  it('before a mail was accepted leaves it to another process when its lease ends', async () => {
    const dead = await service.notification.startWorkingReplica()
    const event = resetRequested()
    service.mailServer.plan(event.data.email, 'hang')
    await service.notification.deliver(event)
    await expect.poll(() => service.mailServer.attemptsFor(event.data.email)).toBe(1)
    await dead.kill()

    await service.notification.startWorkingReplica()
    await until(event.data.userId, 'sent')
    expect(service.mailServer.takenFor(event.data.email)).toHaveLength(1)
    expect(await service.notification.message(event.data.userId)).toMatchObject({ attempts: 2 })
  })

  it('between a mail’s acceptance and its record has it sent again under the same message id', async () => {
    const real = createSmtpSender({
      url: service.mailServer.url,
      from: service.notification.config.MAIL_FROM,
      connections: 1,
      timeoutMs: 500,
    })
    const dead = await service.notification.startWorkingReplica({
      sender: {
        send: async (mail, signal) => {
          await real.send(mail, signal)
          await dead.kill()
        },
        close: () => real.close(),
      },
    })
    const event = passwordChanged()
    await service.notification.deliver(event)
    await expect.poll(() => service.mailServer.takenFor(event.data.email)).toHaveLength(1)

    await service.notification.startWorkingReplica()
    await until(event.data.userId, 'sent')
    expect(service.mailServer.takenFor(event.data.email).map(({ mail }) => mail.messageId)).toEqual([
      `<${event.id}@example.com>`,
      `<${event.id}@example.com>`,
    ])
  })

  it('for a while and returns late cannot defer what another process is sending', async () => {
    await restart({ SMTP_TIMEOUT_MS: '30000', MAIL_CONCURRENCY: '1' })
    const slow = Promise.withResolvers<void>()
    const quick = Promise.withResolvers<void>()
    const senderOf = (handedOver: Promise<void>) => ({
      send: () => handedOver,
      close: () => Promise.resolve(),
    })
    const first = await service.notification.startWorkingReplica({ sender: senderOf(slow.promise) })
    const event = passwordChanged()
    const { userId } = event.data
    await service.notification.deliver(event)
    await until(userId, 'sending')

    service.notification.pass(60_001)
    await service.notification.startWorkingReplica({ sender: senderOf(quick.promise) })
    await expect.poll(async () => (await service.notification.message(userId))?.attempts).toBe(2)
    const taken = await service.notification.message(userId)
    slow.reject(new Error('late'))
    await Promise.all(first.workers.map((worker) => worker.stop()))
    expect(await service.notification.message(userId)).toEqual(taken)
    quick.resolve()
    await until(userId, 'sent')
  })
})

describe('stopping a worker', () => {
  it('finishes the mail that is being sent and leaves the others queued', async () => {
    await restart({ MAIL_CONCURRENCY: '1' })
    const gate = Promise.withResolvers<void>()
    const begun: string[] = []
    const replica = await service.notification.startWorkingReplica({
      sender: {
        send: (mail) => {
          begun.push(mail.causeId)
          return gate.promise
        },
        close: () => Promise.resolve(),
      },
    })
    const [first, second] = [passwordChanged(), passwordChanged()]
    await service.notification.deliver(first)
    await expect.poll(() => begun).toEqual([first.id])
    await service.notification.deliver(second)
    const stopped = Promise.all(replica.workers.map((worker) => worker.stop()))
    gate.resolve()
    await stopped
    expect(await service.notification.stateOf(first.data.userId)).toBe('sent')
    expect(await service.notification.stateOf(second.data.userId)).toBe('queued')
    expect(begun).toEqual([first.id])
  })
})
