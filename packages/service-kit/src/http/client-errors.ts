import type { Socket } from 'node:net'
import { newId } from '@storewright/database'
import { Problem, renderProblem } from './problem.ts'
import type { GeneralProblem } from './problem-kinds.ts'

const CONNECTION_PROBLEMS: Record<string, GeneralProblem> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** Answers on a socket where no request could be parsed or completed. */
export const answerClientError = (error: Error & { code?: string }, socket: Socket) => {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  const kind = CONNECTION_PROBLEMS[error.code ?? ''] ?? 'malformed-request'
  const { status, headers, body } = renderProblem(new Problem(kind, 'This is not valid HTTP.'), '', newId())
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' })
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n${body}`,
  )
}
