import type { Socket } from 'node:net'
import { newId } from '@storewright/database'
import { Problem, renderProblem, type ProblemKind } from './problem.ts'

const CONNECTION_PROBLEMS: Record<string, ProblemKind> = {
  HPE_HEADER_OVERFLOW: 'headers-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
}

/** Answers what is not even a request. */
export const answerBrokenConnection = (error: Error & { code?: string }, socket: Socket) => {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  const kind = CONNECTION_PROBLEMS[error.code ?? ''] ?? 'malformed-request'
  const { status, headers, body } = renderProblem(new Problem(kind, 'This is not proper HTTP.'), '', newId())
  const lines = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' })
  socket.end(
    `HTTP/1.1 ${status} Refused\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n${body}`,
  )
}
