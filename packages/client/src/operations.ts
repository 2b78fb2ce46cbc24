import type { Readable } from 'node:stream'
import type { components, paths } from './api.gen.ts'

/** Content of another type than JSON; a stream is opened anew for every attempt. */
export type Raw = { type: string; content: string | (() => Readable) }

export type Call = {
  token?: string | undefined
  /** Any value becomes JSON; `raw` is sent as it is. */
  body?: unknown
  raw?: Raw
  headers?: Record<string, string>
  idempotencyKey?: string
}

export type Schema<Name extends keyof components['schemas']> = components['schemas'][Name]

export type Path = keyof paths

type Methods = { GET: 'get'; POST: 'post'; PUT: 'put'; PATCH: 'patch'; DELETE: 'delete' }

export type MethodOf<P extends Path> = {
  [M in keyof Methods]: paths[P][Methods[M]] extends object ? M : never
}[keyof Methods]

type Operation<M extends keyof Methods, P extends Path> = paths[P][Methods[M]]

type JsonOf<Message> = Message extends { content: { 'application/json': infer Body } } ? Body : never

type Success = 200 | 201 | 202 | 204

/** The body of a successful answer; null where it has none. */
export type ResponseBody<M extends keyof Methods, P extends Path> =
  Operation<M, P> extends { responses: infer Responses }
    ? {
        [Status in keyof Responses & Success]: Responses[Status] extends { content: object }
          ? JsonOf<Responses[Status]>
          : null
      }[keyof Responses & Success]
    : never

type Parameters<O> = O extends { parameters: { path?: unknown; query?: unknown } }
  ? Pick<O['parameters'], 'path' | 'query'>
  : never

type Body<O> = O extends { requestBody: { content: { 'application/json': infer Json } } }
  ? { body: Json }
  : O extends { requestBody: object }
    ? { raw: Raw }
    : unknown

type Key<O> = O extends { parameters: { header: { 'idempotency-key': string } } }
  ? { idempotencyKey: string }
  : unknown

/** What an operation's request needs: path and query parameters, a JSON body, an Idempotency-Key. */
export type OperationCall<M extends keyof Methods, P extends Path> = Omit<Call, 'body'> &
  Parameters<Operation<M, P>> &
  Body<Operation<M, P>> &
  Key<Operation<M, P>>

type Values = Record<string, string | number | boolean>
export type PathParts = { path?: Values; query?: Values }

/** The path with its parameters and query filled in. */
export const fillPath = (template: string, { path = {}, query = {} }: PathParts) => {
  const filled = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(path[name] ?? ''))
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
  )
  return search.size === 0 ? filled : `${filled}?${search.toString()}`
}
