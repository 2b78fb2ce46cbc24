import type { NodemailerError } from 'nodemailer'
import { MailRefused, type OutgoingMail, type Sender } from './mail.ts'

const STEP_TIMEOUT_MS = 15_000

/** "Log in first" and "encrypt first" refuse the shop and not the mail: the operator can correct that. */
const NOT_THE_MAILS_FAULT = 530

const isRefusal = ({ code, permanent, responseCode }: NodemailerError): boolean =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') &&
  (permanent ?? code === 'EENVELOPE') &&
  responseCode !== NOT_THE_MAILS_FAULT

export const createSmtpSender = ({
  url,
  from,
  connections,
  timeoutMs,
}: {
  url: string
  from: string
  connections: number
  timeoutMs: number
}): Sender => {
  const stepMs = Math.min(STEP_TIMEOUT_MS, timeoutMs)
  // Loaded only where mails are sent: it is a tenth of the process.
  const connecting = import('nodemailer').then(({ createTransport }) =>
    createTransport({
      url,
      pool: true,
      maxConnections: connections,
      // A connection that breaks may have delivered: whether to try again is the worker's decision.
      maxRequeues: 0,
      dnsTimeout: stepMs,
      connectionTimeout: stepMs,
      greetingTimeout: stepMs,
      socketTimeout: stepMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    }),
  )
  const domain = /@([^@\s<>]+)>?$/.exec(from)?.[1] ?? 'localhost'

  return {
    send: async ({ causeId, recipient, subject, text, html }: OutgoingMail, signal) => {
      const transport = await connecting
      try {
        await transport.sendMail({
          from,
          to: { name: '', address: recipient },
          subject,
          text,
          html,
          // The same each time, so that a receiver recognises a mail that it got twice because of a crash.
          messageId: `<${causeId}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        })
      } catch (error) {
        const failure = error as NodemailerError
        throw isRefusal(failure) ? new MailRefused(failure.message, { cause: failure }) : failure
      }
    },
    close: async () => (await connecting).close(),
  }
}
