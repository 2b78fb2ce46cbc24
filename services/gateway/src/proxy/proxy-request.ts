import type { Readable } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Dispatcher } from 'undici'
import type { Outcome } from './breaker.ts'
import type { Drain } from './drain.ts'
import { addResponseHeaders } from './headers.ts'

class ClientDisconnected extends Error {}

/** Passes the response on from socket to socket. Rejects only while nothing was sent to the client. */
export const proxyRequest = (
  agent: Dispatcher,
  options: Dispatcher.DispatchOptions & { body: Buffer | Readable | null },
  reply: FastifyReply,
  { report, drain }: { report: (outcome: Outcome) => void; drain: Drain },
): Promise<void> =>
  new Promise((resolve, reject) => {
    const { raw, request } = reply
    let sending = false
    let controller: Dispatcher.DispatchController | undefined

    const onClose = () => {
      if (!raw.writableFinished) controller?.abort(new ClientDisconnected())
    }
    raw.once('close', onClose)

    agent.dispatch(options, {
      onRequestStart: (given) => {
        controller = given
        if (raw.destroyed) given.abort(new ClientDisconnected())
      },
      onResponseStart: (_controller, status, received) => {
        if (status < 200) return
        report('answered')
        const headers = addResponseHeaders(received, reply.getHeaders())
        // Answered before the body was read to its end: the rest must not be taken for a new request.
        if (drain.draining || !request.raw.complete) headers['connection'] = 'close'
        const events = String(received['content-type']).startsWith('text/event-stream')
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
        if (error instanceof ClientDisconnected) {
          report('unknown')
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
