import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'

// The first bytes of a handshake, so that the launcher needs no driver (those stay behind their packages).
const talk = <T>(
  url: URL,
  defaultPort: number,
  first: Buffer,
  answer: (received: Buffer) => { done: T } | { send: Buffer } | undefined,
): Promise<T> =>
  new Promise((resolve, reject) => {
    const port = Number(url.port || defaultPort)
    const host = url.hostname.replace(/^\[|\]$/g, '')
    const secure = url.protocol === 'amqps:'
    const socket = secure ? connectTls({ host, port, servername: host }) : connectTcp({ host, port })
    const fail = (error: Error): void => {
      socket.destroy()
      reject(error)
    }
    let received = Buffer.alloc(0)
    socket.setTimeout(3_000, () => fail(new Error('it does not answer')))
    socket.once('error', fail)
    socket.once('close', () => fail(new Error('it closed the connection')))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      try {
        const next = answer(received)
        if (next && 'done' in next) {
          resolve(next.done)
          socket.destroy()
        } else if (next) {
          received = Buffer.alloc(0)
          socket.write(next.send)
        }
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)))
      }
    })
    if (first.length > 0) socket.write(first)
  })

/** The version that a MySQL or MariaDB server greets with; throws while it is not serving. */
export const probeMysql = (url: string): Promise<string> =>
  talk(new URL(url), 3306, Buffer.alloc(0), (bytes) => {
    const end = bytes.indexOf(0, 5)
    if (end < 0) return undefined
    if (bytes[4] !== 10) throw new Error('it does not speak the MySQL protocol')
    const greeted = bytes.toString('latin1', 5, end).replace(/^5\.5\.5-/, '')
    return { done: `${/mariadb/i.test(greeted) ? 'MariaDB' : 'MySQL'} ${greeted.split('-')[0]}` }
  })

const GREETING = Buffer.from('AMQP\0\0\x09\x01', 'latin1')
const START = 0x000a000a
const TUNE = 0x000a001e

const sized = (bytes: Buffer): Buffer => {
  const size = Buffer.alloc(4)
  size.writeUInt32BE(bytes.length)
  return Buffer.concat([size, bytes])
}
const shortString = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)])

const logIn = (url: URL): Buffer => {
  const user = decodeURIComponent(url.username || 'guest')
  const password = decodeURIComponent(url.password || 'guest')
  const method = Buffer.concat([
    Buffer.of(0, 10, 0, 11),
    sized(Buffer.alloc(0)),
    shortString('PLAIN'),
    sized(Buffer.from(`\0${user}\0${password}`)),
    shortString('en_US'),
  ])
  return Buffer.concat([Buffer.of(1, 0, 0), sized(method), Buffer.of(0xce)])
}

/** The version of a RabbitMQ server that takes the URL's user; throws while it does not. */
export const probeRabbitmq = async (address: string): Promise<string> => {
  const url = new URL(address)
  let version: string | undefined
  const talked = talk(url, url.protocol === 'amqps:' ? 5671 : 5672, GREETING, (bytes) => {
    if (bytes.length < 11 || bytes.length < bytes.readUInt32BE(3) + 8) return undefined
    const method = bytes.readUInt32BE(7)
    if (method === TUNE) return { done: true }
    if (method !== START) throw new Error('it refuses the user or the password')
    version = /\x07versionS[\s\S]{4}([\d.]+)/.exec(bytes.toString('latin1'))?.[1] ?? 'of an unknown version'
    return { send: logIn(url) }
  })
  await talked.catch((error: unknown) => {
    // A broker closes on a wrong password without a word.
    throw version === undefined ? error : new Error('it refuses the user or the password')
  })
  return `RabbitMQ ${version}`
}

/** Whether the management API answers: it comes up a moment after the broker itself. */
export const probeManagement = async (managementUrl: string): Promise<void> => {
  const { origin, username, password } = new URL(managementUrl)
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const response = await fetch(`${origin}/api/whoami`, {
    headers: { authorization: `Basic ${Buffer.from(user).toString('base64')}` },
    signal: AbortSignal.timeout(3_000),
  })
  await response.arrayBuffer()
  if (response.status === 401) throw new Error('it refuses the user or the password')
  if (!response.ok) throw new Error(`it answers with status ${response.status}`)
}
