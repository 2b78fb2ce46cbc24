import { expect, it } from 'vitest'
import type { Database } from '../src/database.ts'
import { sweep } from '../src/sweeper.ts'
import { newEmail, setUpUser } from './harness.ts'

const DAY = 86_400
const lifetimes = (refreshDays: number) => ({ refreshTtlSeconds: refreshDays * DAY, activityDays: 365 })

const user = setUpUser()

const counts = async () => {
  const count = async (table: keyof Database) => {
    const { rows } = await user.db
      .selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow()
    return Number(rows)
  }
  return {
    sessions: await count('sessions'),
    tokens: await count('refresh_tokens'),
    failures: await count('login_failures'),
    networks: await count('known_networks'),
    oneTimeTokens: await count('one_time_tokens'),
    mails: await count('mail_counts'),
    mailboxes: await count('mailbox_counts'),
    activity: await count('activity'),
  }
}
const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1_000)

it('removes what nobody can use any more, and only that', async () => {
  const { body } = await user.register()
  await user.refresh(body.tokens.refreshToken)
  await user.logIn(newEmail(), 'not the password')
  await user.post('/v1/auth/email/resend', undefined, body.tokens.accessToken)
  const mailbox = { email_hash: 'f'.repeat(64), since: new Date(), mails: 1 }
  await user.db.insertInto('mailbox_counts').values(mailbox).execute()
  const before = await counts()
  // One failure each for the account, the network and the account in that network.
  expect(before).toEqual({
    sessions: 1,
    tokens: 2,
    failures: 3,
    networks: 1,
    oneTimeTokens: 1,
    mails: 1,
    mailboxes: 1,
    activity: 1,
  })

  await sweep(user.db, lifetimes(30), new Date())
  expect(await counts()).toEqual(before)

  await sweep(user.db, lifetimes(2), inSeconds(3 * DAY))
  const rest = { failures: 0, oneTimeTokens: 0, mails: 0, mailboxes: 0 }
  expect(await counts()).toEqual({ ...before, ...rest, tokens: 1 })

  await sweep(user.db, lifetimes(30), inSeconds(31 * DAY))
  expect(await counts()).toEqual({ ...before, ...rest, sessions: 0, tokens: 0 })

  await sweep(user.db, lifetimes(30), inSeconds(91 * DAY))
  expect(await counts()).toMatchObject({ networks: 0, activity: 1 })

  await sweep(user.db, lifetimes(30), inSeconds(366 * DAY))
  expect(await counts()).toMatchObject({ activity: 0 })
})
