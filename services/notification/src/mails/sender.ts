import type { RenderedMail } from './mail.ts'

/** A mail that is to leave. */
export interface OutgoingMail extends RenderedMail {
  /** The message's own id. */
  id: string
  causeId: string
  recipient: string
}

/** What takes mails: a mail server, or the captured mailbox. Both deliver at most one mail per call. */
export interface Sender {
  /** Resolves once the mail was taken. Rejects with `Refused` where trying again would be of no use. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/** The mail was refused for good. */
export class Refused extends Error {
  override readonly name = 'Refused'
}
