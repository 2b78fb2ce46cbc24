import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import type { Drain } from '../front/drain.ts'
import type { Outcome } from './breaker.ts'
import { addResponseHeaders } from './headers.ts'

/** The client hung up, so nobody waits for the answer. */
class ClientGone extends Error {}

/**
 * Sends one request to one replica and passes the answer on as it arrives, straight from socket to socket.
 * Rejects as long as nothing was sent to the client; after that a failure can only be shown by hanging up.
 */
export const exchange = (
  agent: Dispatcher,
  options: Dispatcher.DispatchOptions & { body: Buffer | Readable | null },
  reply: FastifyReply,
  { tell, drain }: { tell: (outcome: Outcome) => void; drain: Drain },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const { raw, request } = reply
    let sending = false
    let controller: Dispatcher.DispatchController | undefined

    const onClose = () => {
      if (!raw.writableFinished) controller?.abort(new ClientGone())
    }
    raw.once('close', onClose)

    agent.dispatch(options, {
      onRequestStart: (given) => {
        controller = given
        if (raw.destroyed) given.abort(new ClientGone())
      },
      onResponseStart: (_controller, status, answer) => {
        if (status < 200) return
        tell('answered')
        const headers = addResponseHeaders(answer, reply.getHeaders())
        // Answered before the body was read to its end: what still comes must not be taken for a new request.
        if (drain.draining || !request.raw.complete) headers['connection'] = 'close'
        const events = String(answer['content-type']).startsWith('text/event-stream')
        if (events) drain.watchEventStream(raw)
        raw.writeHead(status, headers)
        reply.hijack()
        sending = true
        if (events) raw.flushHeaders()
      },
      onResponseData: (current, chunk) => {
        if (raw.write(chunk)) return
        current.pause()
        raw.once('drain', () => current.resume())
      },
      onResponseEnd: () => {
        raw.end()
        resolve()
      },
      onResponseError: (_controller, error) => {
        raw.off('close', onClose)
        if (error instanceof ClientGone) {
          tell('unknown')
          reply.hijack()
          resolve()
        } else if (sending) {
          raw.destroy()
          resolve()
        } else {
          reject(error)
        }
      },
    })
  })
