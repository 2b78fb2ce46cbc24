import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSmtpSender } from '../src/mails/smtp-sender.ts'
import { passwordChanged, resetRequested } from './harness.ts'
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
    await dead.kill()

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
          await dead.kill()
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
    expect(await rig.state(first.data.userId)).toBe('sent')
    expect(await rig.state(second.data.userId)).toBe('queued')
    expect(begun).toEqual([first.id])
  })
})
