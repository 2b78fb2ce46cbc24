import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import type { Outcome } from './breaker.ts'
import type { Drain } from './drain.ts'
import { addResponseHeaders, type ReceivedHeaders } from './headers.ts'

class ClientDisconnected extends Error {}

export interface Collected {
  headers: ReceivedHeaders
  body: Buffer
}

/** Decides at the head of a response whether it is collected instead of passed on; then also of how many bytes at most. */
export interface Collect {
  accepts(status: number, headers: ReceivedHeaders): boolean
  maxBytes: number
  /** The answer is passed on: nothing will be returned. */
  onPassedOn(): void
}

/** Passes the response on from socket to socket, or collects it and leaves the rest to the caller. Rejects only while
 * nothing was sent to the client. */
export const proxyRequest = (
  agent: Dispatcher,
  options: Dispatcher.DispatchOptions & { body: Buffer | Readable | null },
  reply: FastifyReply,
  {
    report,
    drain,
    collect,
  }: { report: (outcome: Outcome) => void; drain: Drain; collect?: Collect | undefined },
): Promise<Collected | undefined> =>
  new Promise((resolve, reject) => {
    const { raw, request } = reply
    let sending = false
    let collected: { status: number; headers: ReceivedHeaders; chunks: Buffer[]; bytes: number } | undefined
    let controller: Dispatcher.DispatchController | undefined

    const onClose = () => {
      if (!raw.writableFinished) controller?.abort(new ClientDisconnected())
    }
    raw.once('close', onClose)

    const sendHead = (status: number, received: ReceivedHeaders) => {
      collect?.onPassedOn()
      const headers = addResponseHeaders(received, reply.getHeaders())
      // Answered before the body was read to its end: the rest must not be taken for a new request.
      if (drain.draining || !request.raw.complete) headers['connection'] = 'close'
      const events = String(received['content-type']).startsWith('text/event-stream')
      if (events) drain.watchEventStream(raw)
      raw.writeHead(status, headers)
      reply.hijack()
      sending = true
      if (events) raw.flushHeaders()
    }

    agent.dispatch(options, {
      onRequestStart: (given) => {
        controller = given
        if (raw.destroyed) given.abort(new ClientDisconnected())
      },
      onResponseStart: (_controller, status, received) => {
        if (status < 200) return
        report('answered')
        if (collect?.accepts(status, received)) {
          collected = { status, headers: received, chunks: [], bytes: 0 }
        } else sendHead(status, received)
      },
      onResponseData: (current, part) => {
        let chunk = part
        if (collect && collected) {
          collected.chunks.push(part)
          collected.bytes += part.length
          if (collected.bytes <= collect.maxBytes) return
          sendHead(collected.status, collected.headers)
          chunk = Buffer.concat(collected.chunks)
          collected = undefined
        }
        if (raw.write(chunk)) return
        current.pause()
        raw.once('drain', () => current.resume())
      },
      onResponseEnd: () => {
        if (collected) {
          raw.off('close', onClose)
          resolve({ headers: collected.headers, body: Buffer.concat(collected.chunks) })
          return
        }
        raw.end()
        resolve(undefined)
      },
      onResponseError: (_controller, error) => {
        raw.off('close', onClose)
        if (error instanceof ClientDisconnected) {
          report('unknown')
          reply.hijack()
          resolve(undefined)
        } else if (sending) {
          raw.destroy()
          resolve(undefined)
        } else {
          reject(error)
        }
      },
    })
  })
