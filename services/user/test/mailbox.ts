import {
  EmailChanged,
  EmailVerificationRequested,
  PasswordChanged,
  PasswordResetRequested,
} from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import type { UserService } from './harness.ts'

const mails = { EmailVerificationRequested, PasswordResetRequested, PasswordChanged, EmailChanged }
type Kind = keyof typeof mails

export interface Mail {
  email: string
  token: string
  purpose?: string
  by?: string
  previousEmail?: string
  expiresAt: string
}

/** Everything that is to be mailed from now on, as the events tell it. */
export const openMailbox = async (user: UserService) => {
  const spy = await user.vhost.spyOn(...Object.values(mails))
  const all = async (kind: Kind, to: string) => {
    const heard = await spy.messages()
    return heard
      .filter(({ type }) => type === mails[kind].type)
      .map(({ data }) => data as Mail)
      .filter(({ email, previousEmail }) => (previousEmail ?? email) === to)
  }
  return {
    all,
    /** The `count`th mail of a kind to an address; waits for it. */
    receive: async (kind: Kind, to: string, count = 1): Promise<Mail> => {
      await eventually(async () => (await all(kind, to)).length >= count)
      return (await all(kind, to))[count - 1]!
    },
  }
}
export type Mailbox = Awaited<ReturnType<typeof openMailbox>>
