/** What a mail is about: all that its template needs beside the recipient's name and the secret of its link. */
export type Mail =
  | { kind: 'verify-email'; purpose: 'registration' | 'change'; expiresAt: string }
  | { kind: 'reset-password'; expiresAt: string }
  | { kind: 'password-changed'; by: 'change' | 'reset'; changedAt: string }
  | { kind: 'email-changed'; newEmail: string; changedAt: string }

export type MailKind = Mail['kind']

export interface NewMessage {
  causeId: string
  correlationId: string
  userId: string
  recipient: string
  name: string | null
  mail: Mail
  secret: string | null
  expiresAt: Date | null
}

export interface RenderedMail {
  subject: string
  text: string
  html: string
}

export interface OutgoingMail extends RenderedMail {
  id: string
  causeId: string
  recipient: string
}

export interface Sender {
  /** Resolves once the mail was accepted. Rejects with `MailRefused` where trying again would be of no use. */
  send(mail: OutgoingMail, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

export class MailRefused extends Error {
  override readonly name = 'MailRefused'
}
