import {
  EmailChanged,
  EmailVerificationRequested,
  PasswordChanged,
  PasswordResetRequested,
} from '@storewright/contracts'
import { eventually } from '@storewright/testing'
import { NEXT_PASSWORD, opened, type UserService } from './harness.ts'

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

export const TOKEN_REFUSED = {
  status: 422,
  body: { type: 'urn:storewright:problem:invalid-one-time-token' },
}

/** All mails from now on, as their events, and what is done with the tokens in them. */
export const setUpMailbox = (user: UserService) =>
  opened(async () => {
    const spy = await user.vhost.spyOn(...Object.values(mails))
    const all = async (kind: Kind, to: string) => {
      const received = await spy.messages()
      return received
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
      verify: (token: string) => user.post('/v1/auth/email/verify', { token }),
      forgot: (email: string) => user.post('/v1/auth/password/forgot', { email }),
      reset: (token: string, password = NEXT_PASSWORD, address?: string) =>
        user.post(
          '/v1/auth/password/reset',
          { token, password },
          undefined,
          address === undefined ? {} : { address },
        ),
    }
  })
