import type { NodemailerError } from 'nodemailer'
import { Refused, type OutgoingMail, type Sender } from './sender.ts'

const STEP_TIMEOUT_MS = 15_000

/** "Log in first" and "encrypt first" are refusals of us, not of the mail: worth waiting for the operator. */
const NOT_THE_MAILS_FAULT = 530

/** Whether the server, or the library before it, refused this one mail for good. */
const isRefusal = ({ code, permanent, responseCode }: NodemailerError): boolean =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') &&
  (permanent ?? code === 'EENVELOPE') &&
  responseCode !== NOT_THE_MAILS_FAULT

/** Hands mails to a mail server, over a few connections that are kept open between mails. */
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
  const step = Math.min(STEP_TIMEOUT_MS, timeoutMs)
  // Loaded only where mails are sent: it is a tenth of the process.
  const connecting = import('nodemailer').then(({ createTransport }) =>
    createTransport({
      url,
      pool: true,
      maxConnections: connections,
      // A connection that breaks may have delivered: whether to try again is decided by the worker, not in here.
      maxRequeues: 0,
      dnsTimeout: step,
      connectionTimeout: step,
      greetingTimeout: step,
      socketTimeout: step,
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
          // The same each time: a receiver that got it twice, after a crash between its answer and our note, can tell.
          messageId: `<${causeId}@${domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          signal,
        })
      } catch (error) {
        const failure = error as NodemailerError
        throw isRefusal(failure) ? new Refused(failure.message, { cause: failure }) : failure
      }
    },
    close: async () => (await connecting).close(),
  }
}
