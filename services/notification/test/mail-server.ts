import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer, type SMTPServerSession } from 'smtp-server'

/** What the server does with one attempt to deliver to a recipient. */
export type Behaviour =
  | { refuse: number; at: 'recipient' | 'data'; reply?: string }
  /** Reads the mail and never answers. */
  | 'hang'
  /** Closes the connection in the middle of the mail. */
  | 'drop'

export interface Taken {
  from: string
  to: string[]
  raw: string
  mail: Email
}

const refusal = (code: number, reply: string) => Object.assign(new Error(reply), { responseCode: code })

const addressOf = ({ envelope }: SMTPServerSession) => envelope.rcptTo[0]?.address ?? ''

/** A mail server on this machine that takes every mail, except as `plan` demands for its recipient. */
export const startMailServer = async ({ login, port = 0 }: { login?: string; port?: number } = {}) => {
  const taken: Taken[] = []
  const plans = new Map<string, Behaviour[]>()
  const sockets = new Map<number, { destroy(): void }>()
  const attempts = new Map<string, number>()

  const server = new SMTPServer({
    disabledCommands: login === undefined ? ['STARTTLS', 'AUTH'] : ['STARTTLS'],
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth: ({ username, password }, _session, done) => {
      if (`${username}:${password}` === login) done(null, { user: username })
      else done(refusal(535, 'wrong password'))
    },
    onRcptTo: ({ address }, _session, done) => {
      attempts.set(address, (attempts.get(address) ?? 0) + 1)
      const [plan] = plans.get(address) ?? []
      if (typeof plan === 'object' && plan.at === 'recipient') {
        plans.get(address)?.shift()
        done(refusal(plan.refuse, plan.reply ?? 'not today'))
      } else done()
    },
    onData: (stream, session, done) => {
      const plan = plans.get(addressOf(session))?.shift()
      if (plan === 'drop') {
        sockets.get(session.remotePort)?.destroy()
        stream.resume()
        return
      }
      void text(stream).then(async (raw) => {
        if (plan === 'hang') return
        if (plan) {
          done(refusal(plan.refuse, plan.reply ?? 'not today'))
          return
        }
        const { envelope } = session
        taken.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : '',
          to: envelope.rcptTo.map(({ address }) => address),
          raw,
          mail: await PostalMime.parse(raw),
        })
        done()
      })
    },
  })
  // Some tests are about clients that disconnect in the middle of something.
  server.on('error', () => undefined)
  server.server.on('connection', (socket) => {
    const { remotePort } = socket
    if (remotePort !== undefined) sockets.set(remotePort, socket)
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const address = server.server.address() as AddressInfo

  return {
    port: address.port,
    url: `smtp://${login === undefined ? '' : `${login}@`}127.0.0.1:${address.port}`,
    taken,
    takenFor: (recipient: string) => taken.filter(({ to }) => to.includes(recipient)),
    /** How often a delivery to this address was tried. */
    attemptsFor: (recipient: string) => attempts.get(recipient) ?? 0,
    /** What happens at the next attempts for this recipient; later ones succeed. */
    plan: (recipient: string, ...behaviours: Behaviour[]) => void plans.set(recipient, behaviours),
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets.values()) socket.destroy()
      }),
  }
}
export type MailServer = Awaited<ReturnType<typeof startMailServer>>
