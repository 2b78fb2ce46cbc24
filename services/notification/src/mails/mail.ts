/** What a mail is about; all that its template needs beside the name of who gets it and the secret of its link. */
export type Mail =
  | { kind: 'verify-email'; purpose: 'registration' | 'change'; expiresAt: string }
  | { kind: 'reset-password'; expiresAt: string }
  | { kind: 'password-changed'; by: 'change' | 'reset'; changedAt: string }
  | { kind: 'email-changed'; newEmail: string; changedAt: string }

export type MailKind = Mail['kind']

/** What one event makes known to one person. */
export interface NewMessage {
  /** The event's id: a message is made once per cause. */
  causeId: string
  correlationId: string
  userId: string
  recipient: string
  name: string | null
  mail: Mail
  secret: string | null
  expiresAt: Date | null
}

/** A mail as it leaves. */
export interface RenderedMail {
  subject: string
  text: string
  html: string
}
