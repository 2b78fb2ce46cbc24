import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A proxy between a client and a server that fails where the test wants it to. */
export interface Proxy {
  url: string
  cut(): void
  /** Resets every connection and refuses new ones, as a server that is down. */
  down(): void
  up(): void
  /** Lets the first request that fits reach the server, and ends the connection before its answer gets back. */
  loseAnswerTo(fits: (sent: Buffer) => boolean): void
  stop(): Promise<void>
}

export const startProxy = async (targetUrl: string): Promise<Proxy> => {
  const target = new URL(targetUrl)
  const sockets = new Set<Socket>()
  let accepting = true
  let loses: ((sent: Buffer) => boolean) | undefined

  const track = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }
  const server = createServer((client) => {
    track(client)
    if (!accepting) return void client.resetAndDestroy()
    const upstream = connect({ host: target.hostname, port: Number(target.port) })
    track(upstream)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    let silent = false
    client.on('data', (chunk) => {
      if (!silent && loses?.(chunk)) {
        loses = undefined
        silent = true
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (silent) client.resetAndDestroy()
      else client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  const url = new URL(targetUrl)
  url.hostname = '127.0.0.1'
  url.port = String((server.address() as AddressInfo).port)
  const cut = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    url: url.href,
    cut,
    down: () => {
      accepting = false
      cut()
    },
    up: () => {
      accepting = true
    },
    loseAnswerTo: (fits) => {
      loses = fits
    },
    stop: async () => {
      cut()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}
