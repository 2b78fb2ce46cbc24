import { expect } from 'vitest'
import type { ShopUnderTest } from './under-test.ts'

export type Mail = {
  id: string
  to: string
  kind: string
  subject: string
  text: string
  links: string[]
}

/** The mails that a development shop captured instead of sending them. */
export const openMailbox = ({ mailboxUrl }: ShopUnderTest) => {
  if (!mailboxUrl) throw new Error('this shop has no mailbox: its mails go to a mail server')

  /** The newest first. */
  const mailsTo = async (to: string): Promise<Mail[]> => {
    const response = await fetch(`${mailboxUrl}/messages?to=${encodeURIComponent(to)}`)
    expect(response.status).toBe(200)
    return ((await response.json()) as { items: Mail[] }).items
  }
  return {
    mailsTo,
    pageOf: ({ id }: Mail) => `${mailboxUrl}/${id}`,
    /** The newest mail of this kind, once there are so many. */
    mailTo: async (to: string, kind: string, count = 1): Promise<Mail> => {
      const ofKind = async () => (await mailsTo(to)).filter((mail) => mail.kind === kind)
      await expect.poll(async () => (await ofKind()).length, { timeout: 15_000 }).toBe(count)
      const [newest] = await ofKind()
      if (!newest) throw new Error(`no ${kind} to ${to}`)
      return newest
    },
  }
}

/** What the link of a mail would hand to the shop's front. */
export const tokenIn = ({ links: [link = ''] }: Mail): string => new URL(link).searchParams.get('token') ?? ''
